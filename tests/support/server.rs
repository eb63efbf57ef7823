//! A model server on the loopback address that answers as it is told and remembers what it was asked.
//!
//! It speaks as much of the Responses API as Codex needs. What it does is written into the prompt: each `[[shell:CMD]]` calls the
//! shell, and each `[[mcp:SERVER TOOL ARGUMENTS]]` a tool of an MCP server, one after the other, before it answers; words for codex-git (`/save x`) are let pass; `[[hang]]` never ends, `[[fail]]` is an error of the server. Anything else is answered by `reply to: PROMPT`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

pub struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    /// Starts a server; it ends with the test.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                // A client that goes away in the middle is what some tests are about.
                std::thread::spawn(move || serve(stream, &seen).ok());
            }
        });
        Self { port, requests }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// The conversation that the last request held: what people and the model said, and what tools gave back.
    pub fn last_history(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        let input = requests.last().unwrap()["input"].as_array().unwrap().clone();
        input.iter().filter_map(said).collect()
    }

    /// The conversation of the last request whose prompt was this: Codex's terminal asks for titles in between.
    pub fn history_of(&self, prompt: &str) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        let histories = requests
            .iter()
            .rev()
            .filter_map(|request| Some(request["input"].as_array()?.iter().filter_map(said).collect::<Vec<_>>()));
        let wanted = format!("user: {prompt}");
        histories.into_iter().find(|history| history.last() == Some(&wanted)).unwrap_or_default()
    }

    /// What tools gave back last, whole.
    pub fn last_outputs(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        let input = requests.last().unwrap()["input"].as_array().unwrap().clone();
        let outputs = input.iter().filter(|item| item["type"] == "function_call_output");
        outputs.map(|item| item["output"].as_str().map_or_else(|| item["output"].to_string(), str::to_owned)).collect()
    }

    pub fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    /// The key under which the last request's prompt is cached: the session's id.
    pub fn last_session(&self) -> String {
        self.requests.lock().unwrap().last().unwrap()["prompt_cache_key"].as_str().unwrap().to_owned()
    }
}

/// The words of an item, if a person, the model or a tool said them.
fn said(item: &Value) -> Option<String> {
    if item["type"] == "function_call_output" {
        let output = item["output"].as_str().map(str::to_owned).unwrap_or_else(|| item["output"].to_string());
        return Some(format!(
            "tool: {}",
            output.lines().last().unwrap_or_default().trim_end_matches(['"', '}', '\\', 'n'])
        ));
    }
    let role = item["role"].as_str().filter(|role| ["user", "assistant"].contains(role))?;
    let text: String = item["content"].as_array()?.iter().filter_map(|part| part["text"].as_str()).collect();
    (!text.starts_with('<') && !text.starts_with("# AGENTS")).then(|| format!("{role}: {text}"))
}

fn serve(stream: TcpStream, seen: &Mutex<Vec<Value>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line == "\r\n" {
                break;
            }
            head.push(line.to_ascii_lowercase());
        }
        let header = |name: &str| head.iter().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()));
        let mut body = vec![0; header("content-length:").and_then(|length| length.parse().ok()).unwrap_or(0)];
        reader.read_exact(&mut body)?;
        if header("content-encoding:").as_deref() == Some("zstd") {
            body = zstd::decode_all(&body[..])?;
        }
        match serde_json::from_slice::<Value>(&body) {
            Ok(request) if head[0].starts_with("post ") => answer(&mut stream, request, seen)?,
            _ => respond(&mut stream, "200 OK", "application/json", r#"{"models":[],"data":[],"object":"list"}"#)?,
        }
    }
}

fn answer(stream: &mut TcpStream, request: Value, seen: &Mutex<Vec<Value>>) -> std::io::Result<()> {
    let input = request["input"].as_array().cloned().unwrap_or_default();
    let tools = request["tools"].to_string();
    let number = {
        let mut seen = seen.lock().unwrap();
        seen.push(request);
        seen.len()
    };
    let history: Vec<String> = input.iter().filter_map(said).collect();
    let at = history.iter().rposition(|said| said.starts_with("user: ") && !said.starts_with("user: /"));
    let prompt = at.map_or("", |at| &history[at]["user: ".len()..]).to_owned();
    let called = at.map_or(0, |at| history[at..].iter().filter(|said| said.starts_with("tool: ")).count());
    let words = prompt.split("[[").skip(1).filter_map(|rest| Some(rest.split_once("]]")?.0));
    let mut calls = words.filter(|words| words.starts_with("shell:") || words.starts_with("mcp:"));
    if prompt.contains("[[fail]]") {
        return respond(
            stream,
            "500 Internal Server Error",
            "application/json",
            r#"{"error":{"message":"scripted failure","type":"server_error"}}"#,
        );
    }
    let item = match calls.nth(called).and_then(|words| words.split_once(':')) {
        Some(("mcp", words)) => call_of_server(number, words),
        Some((_, command)) => call(number, command, &tools),
        None => message(number, &format!("reply to: {prompt}")),
    };
    let usage = json!({"input_tokens": 10, "input_tokens_details": null, "output_tokens": 5, "output_tokens_details": null, "total_tokens": 15});
    let mut events = vec![json!({"type": "response.created", "response": {"id": format!("resp-{number}")}})];
    if prompt.contains("[[hang]]") {
        // Without a length the answer lasts until the connection ends.
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{}",
            sse(&events)
        )?;
        stream.flush()?;
        std::thread::sleep(Duration::from_secs(30));
        return Ok(());
    }
    events.push(json!({"type": "response.output_item.done", "output_index": 0, "item": item}));
    events.push(json!({"type": "response.completed", "response": {"id": format!("resp-{number}"), "usage": usage}}));
    respond(stream, "200 OK", "text/event-stream", &sse(&events))
}

fn message(number: usize, text: &str) -> Value {
    json!({"type": "message", "role": "assistant", "id": format!("msg-{number}"), "content": [{"type": "output_text", "text": text}]})
}

/// A call of whichever shell tool Codex offers.
fn call(number: usize, command: &str, tools: &str) -> Value {
    let (name, arguments) = if tools.contains("\"exec_command\"") {
        ("exec_command", json!({"cmd": command}))
    } else if tools.contains("\"shell_command\"") {
        ("shell_command", json!({"command": command}))
    } else {
        ("shell", json!({"command": ["bash", "-lc", command]}))
    };
    let (id, call_id) = (format!("fc-{number}"), format!("call-{number}"));
    json!({"type": "function_call", "id": id, "call_id": call_id, "name": name, "arguments": arguments.to_string()})
}

/// A call of a tool of an MCP server: the server, the tool, and the arguments as JSON.
fn call_of_server(number: usize, words: &str) -> Value {
    let mut words = words.splitn(3, ' ');
    let mut next = || words.next().unwrap_or_default();
    let (namespace, name, arguments) = (format!("mcp__{}", next()), next(), next());
    let (id, call_id) = (format!("fc-{number}"), format!("call-{number}"));
    json!({"type": "function_call", "id": id, "call_id": call_id, "namespace": namespace, "name": name, "arguments": arguments})
}

fn sse(events: &[Value]) -> String {
    events.iter().map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap())).collect()
}

fn respond(stream: &mut TcpStream, status: &str, kind: &str, body: &str) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
    stream.flush()
}
