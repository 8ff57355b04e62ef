//! A narrow way to a server of loopback: every connection passes so many bytes a second, and the number can be changed while
//! they flow.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// Parts of a second in which bytes are passed: a change counts as soon.
const TICKS_PER_SECOND: u64 = 20;

/// A relay.
#[derive(Debug)]
pub struct Narrow {
    port: u16,
    bytes_per_second: Arc<AtomicU64>,
}

impl Narrow {
    /// Starts one to `port`. What goes to the server is not slowed.
    pub fn to(port: u16, bytes_per_second: u64) -> Self {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let own = socket.local_addr().unwrap().port();
        let rate = Arc::new(AtomicU64::new(bytes_per_second));
        let shared = Arc::clone(&rate);
        thread::spawn(move || {
            for client in socket.incoming() {
                let Ok(client) = client else { return };
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { continue };
                let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || {
                    // Either side may hang up whenever it likes.
                    std::io::copy(&mut from, &mut to).ok();
                    to.shutdown(Shutdown::Write).ok();
                });
                let rate = Arc::clone(&shared);
                thread::spawn(move || trickle(server, client, &rate));
            }
        });
        Self { port: own, bytes_per_second: rate }
    }

    /// Its own port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets so many bytes through a second from now on.
    pub fn widen(&self, bytes_per_second: u64) {
        self.bytes_per_second.store(bytes_per_second, Ordering::SeqCst);
    }
}

fn trickle(mut from: TcpStream, mut to: TcpStream, rate: &AtomicU64) {
    loop {
        let bytes = (rate.load(Ordering::SeqCst) / TICKS_PER_SECOND).max(1);
        let mut buffer = vec![0; usize::try_from(bytes).unwrap_or(1 << 20).min(1 << 20)];
        let Ok(count @ 1..) = from.read(&mut buffer) else { break };
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
        if count as u64 == bytes {
            thread::sleep(Duration::from_millis(1_000 / TICKS_PER_SECOND));
        }
    }
    to.shutdown(Shutdown::Both).ok();
    from.shutdown(Shutdown::Both).ok();
}
