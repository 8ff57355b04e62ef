//! A long way to a server: a relay that delivers everything late, but in full stream; and one that breaks once.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// Starts a relay to `port` of loopback and answers its port. What either side sends arrives `delay` later, so that a
/// question and its answer take twice that long; any amount may be on its way at once.
pub fn relay_to(port: u16, delay: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for near in listener.incoming() {
            let (near, far) = (near.unwrap(), TcpStream::connect(("127.0.0.1", port)).unwrap());
            near.set_nodelay(true).unwrap();
            far.set_nodelay(true).unwrap();
            carry(near.try_clone().unwrap(), far.try_clone().unwrap(), delay);
            carry(far, near, delay);
        }
    });
    own
}

/// Carries one direction until its end.
fn carry(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let (sender, parcels) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut buffer = vec![0; 256 << 10];
        while let Ok(len @ 1..) = from.read(&mut buffer) {
            if sender.send((Instant::now() + delay, buffer[..len].to_vec())).is_err() {
                return;
            }
        }
    });
    thread::spawn(move || {
        for (due, parcel) in parcels {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&parcel).is_err() {
                return;
            }
        }
        to.shutdown(Shutdown::Write).ok();
    });
}

/// Starts a relay to `port` of loopback and answers its port. The first connection that sends more than `bytes` to the
/// server is cut there, on both sides; all others live on.
pub fn cut_once(port: u16, bytes: u64) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    let is_cut = Arc::new(AtomicBool::new(false));
    thread::spawn(move || {
        for near in listener.incoming() {
            let (near, far) = (near.unwrap(), TcpStream::connect(("127.0.0.1", port)).unwrap());
            let (mut back, mut home) = (far.try_clone().unwrap(), near.try_clone().unwrap());
            thread::spawn(move || {
                std::io::copy(&mut back, &mut home).ok();
                home.shutdown(Shutdown::Write).ok();
            });
            let is_cut = Arc::clone(&is_cut);
            thread::spawn(move || carry_and_cut(near, far, bytes, &is_cut));
        }
    });
    own
}

fn carry_and_cut(mut near: TcpStream, mut far: TcpStream, bytes: u64, is_cut: &AtomicBool) {
    let mut buffer = vec![0; 64 << 10];
    let mut sent = 0;
    while let Ok(len @ 1..) = near.read(&mut buffer) {
        sent += len as u64;
        if sent > bytes && !is_cut.swap(true, Ordering::SeqCst) {
            near.shutdown(Shutdown::Both).ok();
            far.shutdown(Shutdown::Both).ok();
            return;
        }
        if far.write_all(&buffer[..len]).is_err() {
            return;
        }
    }
    far.shutdown(Shutdown::Write).ok();
}
