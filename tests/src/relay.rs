//! A relay between a client and a server of loopback whose network can be cut and mended, or lead to another server.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// A relay.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    to: Arc<AtomicU16>,
    is_cut: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<TcpStream>>>,
}

impl Relay {
    /// Starts one to `port`.
    pub fn to(port: u16) -> Self {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let own = socket.local_addr().unwrap().port();
        let relay = Self { port: own, to: Arc::new(port.into()), is_cut: Arc::default(), streams: Arc::default() };
        let (to, is_cut, streams) = (Arc::clone(&relay.to), Arc::clone(&relay.is_cut), Arc::clone(&relay.streams));
        thread::spawn(move || {
            for client in socket.incoming() {
                let Ok(client) = client else { return };
                if is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let port = to.load(Ordering::SeqCst);
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { continue };
                let mut kept = streams.lock().unwrap();
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    kept.push(from.try_clone().unwrap());
                    thread::spawn(move || pass(from, to));
                }
            }
        });
        relay
    }

    /// Its own port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Breaks every connection, and lets none through.
    pub fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for stream in self.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Leads new connections to another server.
    pub fn lead_to(&self, port: u16) {
        self.to.store(port, Ordering::SeqCst);
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
