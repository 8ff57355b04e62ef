//! A way to an HTTP server on which one request meets a fault, of our choice and counted: for what no client can be told
//! to fail at.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What becomes of the request that meets the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpFault {
    /// It never reaches the server: the connection ends.
    Unsent,
    /// The server does what it asks, and the connection ends before the answer comes.
    AnswerLost,
    /// It never reaches the server, and is answered with the status 403.
    Forbidden,
}

/// A relay to a server of loopback. Every request has a connection of its own.
#[derive(Debug)]
pub struct HttpRelay {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    requests: u64,
    fault: Option<(u64, HttpFault)>,
    met: Option<String>,
}

impl State {
    /// The fault that the next request meets.
    fn count(&mut self, line: &str) -> Option<HttpFault> {
        let number = self.requests;
        self.requests += 1;
        let (_, fault) = self.fault.filter(|(at, _)| *at == number)?;
        self.met = Some(line.to_owned());
        Some(fault)
    }
}

impl HttpRelay {
    /// Starts one to `port` that passes everything on.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for near in listener.incoming() {
                let (near, state) = (near.unwrap(), Arc::clone(&shared));
                // A client may hang up whenever it likes.
                thread::spawn(move || relay(&near, port, &state).ok());
            }
        });
        Self { port: own, state }
    }

    /// Its own port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Counts anew: request `number` from now, the first of which is 0, meets the fault.
    pub fn fail(&self, number: u64, fault: HttpFault) {
        *self.state.lock().unwrap() = State { requests: 0, fault: Some((number, fault)), met: None };
    }

    /// The line of the request that met the fault, such as `GET /bucket/config HTTP/1.1`, and so that no other does.
    pub fn met(&self) -> Option<String> {
        let mut state = self.state.lock().unwrap();
        state.fault = None;
        state.met.take()
    }
}

/// Passes one request on and its answer back.
fn relay(mut near: &TcpStream, port: u16, state: &Mutex<State>) -> io::Result<()> {
    let Some(request) = Request::read(near)? else { return Ok(()) };
    let fault = state.lock().unwrap().count(&request.line);
    match fault {
        Some(HttpFault::Unsent) => return near.shutdown(Shutdown::Both),
        Some(HttpFault::Forbidden) => {
            near.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
            return near.shutdown(Shutdown::Write);
        }
        Some(HttpFault::AnswerLost) | None => {}
    }
    let mut far = TcpStream::connect(("127.0.0.1", port))?;
    far.write_all(&request.bytes)?;
    // The server ends the connection after its answer, as it is told to.
    let mut answer = Vec::new();
    far.read_to_end(&mut answer)?;
    if fault.is_none() {
        near.write_all(&answer)?;
    }
    near.shutdown(Shutdown::Both)
}

struct Request {
    /// Its first line.
    line: String,
    /// All of it, with one header more: that it is the connection's last.
    bytes: Vec<u8>,
}

impl Request {
    /// `None` when the client hung up before it asked for anything.
    fn read(near: &TcpStream) -> io::Result<Option<Self>> {
        let mut reader = BufReader::new(near);
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut head = format!("{line}Connection: close\r\n");
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            head.push_str(&header);
            let (name, value) = header.split_once(':').unwrap_or_default();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap(),
                "transfer-encoding" => panic!("a request whose length is not told: {head}"),
                _ => {}
            }
            if header.trim_end().is_empty() {
                break;
            }
        }
        let mut bytes = head.into_bytes();
        let end = bytes.len() + length;
        reader.take(length as u64).read_to_end(&mut bytes)?;
        // Cut off by the client: nothing that a server should see.
        Ok((bytes.len() == end).then(|| Self { line: line.trim_end().to_owned(), bytes }))
    }
}
