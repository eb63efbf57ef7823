//! A host of git repositories on the loopback address: `git http-backend` behind a server that answers one request a connection, and counts the
//! bytes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub struct GitHost {
    port: u16,
    moved: Arc<Moved>,
}

/// How many bytes of bodies a host was sent, and has sent.
#[derive(Default)]
struct Moved {
    up: AtomicU64,
    down: AtomicU64,
}

/// What a client asks for.
struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl GitHost {
    /// Starts a host of the repositories in a folder; it ends with the program.
    pub fn start(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let moved = Arc::new(Moved::default());
        let (folder, counted) = (folder.to_owned(), Arc::clone(&moved));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (folder, counted) = (folder.clone(), Arc::clone(&counted));
                // A client that goes away in the middle is git's business.
                std::thread::spawn(move || answer(&stream, &folder, &counted).ok());
            }
        });
        Self { port, moved }
    }

    /// The address of a repository in its folder.
    pub fn address(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/{name}", self.port)
    }

    /// How many bytes went up and down since this was asked last.
    #[allow(dead_code, reason = "the benchmark counts them, the tests don't")]
    pub fn moved(&self) -> [u64; 2] {
        [&self.moved.up, &self.moved.down].map(|bytes| bytes.swap(0, Ordering::SeqCst))
    }
}

/// Has git answer a request.
fn answer(stream: &TcpStream, folder: &Path, moved: &Moved) -> std::io::Result<()> {
    let Some(request) = Request::read(&mut BufReader::new(stream))? else { return Ok(()) };
    moved.up.fetch_add(request.body.len() as u64, Ordering::SeqCst);
    let mut child =
        request.backend(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let (mut stdin, mut told) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    std::thread::spawn(move || stdin.write_all(&request.body).ok());
    let head = lines(&mut told)?;
    let status = head.iter().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK");
    let mut stream = stream;
    write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\n{}\r\n\r\n", head.join("\r\n"))?;
    moved.down.fetch_add(std::io::copy(&mut told, &mut stream)?, Ordering::SeqCst);
    child.wait().map(drop)
}

/// The lines up to an empty one.
fn lines(from: &mut impl BufRead) -> std::io::Result<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        from.read_line(&mut line)?;
        match line.trim_end() {
            "" => return Ok(lines),
            text => lines.push(text.to_owned()),
        }
    }
}

impl Request {
    /// Reads a request; `None` if the client says nothing.
    fn read(from: &mut impl BufRead) -> std::io::Result<Option<Self>> {
        let mut head = lines(from)?.into_iter();
        let Some(first) = head.next() else { return Ok(None) };
        let mut words = first.split(' ').map(str::to_owned);
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let headers = head.filter_map(|line| {
            line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        });
        let mut request = Self { method, target, headers: headers.collect(), body: Vec::new() };
        request.read_body(from)?;
        Ok(Some(request))
    }

    fn read_body(&mut self, from: &mut impl BufRead) -> std::io::Result<()> {
        if self.header("transfer-encoding") != "chunked" {
            let len = self.header("content-length").parse().unwrap_or(0);
            from.take(len).read_to_end(&mut self.body)?;
            return Ok(());
        }
        loop {
            let mut size = String::new();
            from.read_line(&mut size)?;
            let size = u64::from_str_radix(size.trim(), 16).unwrap();
            from.take(size).read_to_end(&mut self.body)?;
            from.read_line(&mut String::new())?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    fn header(&self, wanted: &str) -> &str {
        self.headers.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value)
    }

    fn backend(&self, folder: &Path) -> Command {
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let mut backend = Command::new("git");
        backend.arg("http-backend").env("GIT_PROJECT_ROOT", folder).env("GIT_HTTP_EXPORT_ALL", "1");
        backend.env("REQUEST_METHOD", &self.method).env("PATH_INFO", path).env("QUERY_STRING", query);
        backend.env("CONTENT_TYPE", self.header("content-type")).env("CONTENT_LENGTH", self.body.len().to_string());
        backend.env("GIT_PROTOCOL", self.header("git-protocol"));
        if !self.header("content-encoding").is_empty() {
            backend.env("HTTP_CONTENT_ENCODING", self.header("content-encoding"));
        }
        backend
    }
}
