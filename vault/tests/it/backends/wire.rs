//! A server that answers by script, for what no real server can be made to say.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

/// A request as it came over the wire.
pub(super) struct Request {
    /// `GET /path?query`.
    pub(super) line: String,
    /// All headers, as they were sent.
    pub(super) headers: String,
}

/// Answers one request of each connection with what `script` says (status, headers, empty line, body), until the test
/// ends. Answers `host:port`.
pub(super) fn serve(script: impl Fn(&Request) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer(&stream.unwrap(), &script);
        }
    });
    host
}

fn answer(mut stream: &TcpStream, script: &impl Fn(&Request) -> String) {
    let mut lines = BufReader::new(stream).lines();
    let Some(Ok(line)) = lines.next() else { return };
    let mut request = Request { line: line.trim_end_matches(" HTTP/1.1").to_owned(), headers: String::new() };
    for line in lines.by_ref() {
        match line.unwrap() {
            end if end.is_empty() => break,
            header => request.headers.push_str(&(header + "\n")),
        }
    }
    let answer = script(&request).replacen("\r\n", "\r\nConnection: close\r\n", 1);
    write!(stream, "HTTP/1.1 {answer}").unwrap();
}

/// An answer with a body; `headers` end in `\r\n` each.
pub(super) fn body(status: &str, headers: &str, content: &str) -> String {
    format!("{status}\r\n{headers}Content-Length: {}\r\n\r\n{content}", content.len())
}
