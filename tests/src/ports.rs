//! Ports of loopback, and servers that do not serve.

use std::env;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

/// Ports that are given out, one after the other and by all tests of this machine. They lie below those that the system
/// gives to connections, one of which might take a port before the component does.
const GIVEN_OUT: Range<u16> = 10_000..32_000;

/// A port that nobody listens on, and that nobody else is given for a long time.
pub fn free() -> u16 {
    let path = env::temp_dir().join("bygone-test-ports");
    let mut file = File::options().create(true).read(true).write(true).truncate(false).open(path).unwrap();
    file.lock().unwrap();
    let mut last = String::new();
    file.read_to_string(&mut last).unwrap();
    let mut port = last.trim().parse().unwrap_or(GIVEN_OUT.start);
    loop {
        port = if GIVEN_OUT.contains(&(port + 1)) { port + 1 } else { GIVEN_OUT.start };
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            file.rewind().unwrap();
            file.write_all(format!("{port:5}").as_bytes()).unwrap();
            return port;
        }
    }
}

/// Whether somebody listens on the port.
pub fn is_open(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// A server that accepts connections and never says a word.
#[derive(Debug)]
pub struct Silent {
    port: u16,
    // The kernel accepts on its behalf; nobody ever takes a connection out of the queue.
    _listener: TcpListener,
}

impl Silent {
    /// Starts one.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self { port: listener.local_addr().unwrap().port(), _listener: listener }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// Stands in for a server that is away: hangs up on everybody, and counts them.
#[derive(Debug)]
pub struct Absent {
    callers: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    port: u16,
    thread: Option<JoinHandle<()>>,
}

impl Absent {
    /// Takes the port of a server that was stopped.
    pub fn start(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let (callers, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, stopped) = (Arc::clone(&callers), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            while let Ok((caller, _)) = listener.accept() {
                drop(caller);
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { callers, stop, port, thread: Some(thread) }
    }

    /// Waits until somebody has called.
    pub fn wait_for_a_caller(&self) {
        crate::process::wait_until("a call to the server that is away", || self.callers.load(Ordering::SeqCst) > 0);
    }
}

impl Drop for Absent {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread, which closes the port.
        let woken: io::Result<TcpStream> = TcpStream::connect(("127.0.0.1", self.port));
        if let (Ok(_), Some(thread)) = (woken, self.thread.take()) {
            thread.join().ok();
        }
    }
}
