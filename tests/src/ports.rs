//! Ports of loopback, and servers that do not serve.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

/// A port that nobody listens on at the moment.
pub fn free() -> u16 {
    // The system does not give a port out again soon, so that it is still free when the component takes it.
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
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
