//! A server that keeps what it is sent, and others that do not do what they should.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What was asked: the first line with the headers, and what was sent.
type Asked = (String, Vec<u8>);

/// A server on this machine.
pub struct Server {
    port: u16,
    kept: Arc<Mutex<Vec<Vec<u8>>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), kept: Arc::default(), asked: Arc::default() };
        let (kept, asked, port) = (Arc::clone(&server.kept), Arc::clone(&server.asked), server.port);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, asked) = (Arc::clone(&kept), Arc::clone(&asked));
                std::thread::spawn(move || answer(stream.unwrap(), port, &kept, &asked));
            }
        });
        server
    }

    pub fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// All that it was sent and that it was asked.
    pub fn saw(&self) -> Vec<u8> {
        let asked = self.asked.lock().unwrap();
        asked.iter().flat_map(|(head, body)| [head.as_bytes(), body].concat()).collect()
    }

    /// Has it keep other bytes under a number.
    pub fn spoil(&self, number: usize, change: impl Fn(&mut Vec<u8>)) {
        change(&mut self.kept.lock().unwrap()[number]);
    }
}

fn answer(stream: TcpStream, port: u16, kept: &Mutex<Vec<Vec<u8>>>, asked: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    asked.lock().unwrap().push((head, body.clone()));
    let mut kept = kept.lock().unwrap();
    let number = kept.len();
    let mut keep = |body| kept.push(body);
    let (head, body) = match path.as_str() {
        "/post" => {
            keep(body);
            ("200 OK\r\n".to_owned(), format!("http://127.0.0.1:{port}/{number}\n").into_bytes())
        }
        "/location" => {
            keep(body);
            (format!("201 Created\r\nLocation: /{number}\r\n"), b"thanks".to_vec())
        }
        "/quoted" => ("200 OK\r\n".to_owned(), format!("http://127.0.0.1:{port}/0'$(touch owned)'").into_bytes()),
        "/silent" => ("200 OK\r\n".to_owned(), Vec::new()),
        "/elsewhere" => ("200 OK\r\n".to_owned(), b"http://example.org/open-to-all".to_vec()),
        "/broken" => ("500 Internal Server Error\r\n".to_owned(), b"\x1b]0;owned\x07".to_vec()),
        "/file" => ("302 Found\r\nLocation: file:///etc/passwd\r\n".to_owned(), Vec::new()),
        "/open" => ("302 Found\r\nLocation: http://example.org/\r\n".to_owned(), Vec::new()),
        "/circle" => ("302 Found\r\nLocation: /circle\r\n".to_owned(), Vec::new()),
        path => match path.strip_prefix("/led/").unwrap_or(&path[1..]).parse::<usize>() {
            Ok(number) if path.starts_with("/led/") => (format!("302 Found\r\nLocation: /{number}\r\n"), Vec::new()),
            Ok(number) if number < kept.len() => ("200 OK\r\n".to_owned(), kept[number].clone()),
            _ => ("404 Not Found\r\n".to_owned(), b"no".to_vec()),
        },
    };
    let mut stream = stream;
    // Who asked may have heard enough.
    let _ = write!(stream, "HTTP/1.1 {head}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len())
        .and_then(|()| stream.write_all(&body));
}
