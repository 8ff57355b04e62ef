//! Connections that nothing happens on, and clients that never finish what they say.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::support::Stack;

/// Connections at one time; fewer where the system gives a process fewer files.
const CONNECTIONS: usize = 10_000;
/// Files that are kept for everything else.
const OTHER_FILES: usize = 1_000;
/// What they may cost, all together, before anything was asked; and with the buffers that hyper keeps for one that has asked,
/// 8 KiB to read into and as much to write from.
const MEMORY_BYTES_MAX: [usize; 2] = [100 << 20, 320 << 20];
/// How long this server waits for the headers of a request.
const HEADERS_WAIT: Duration = Duration::from_secs(1);
/// How long it may take to notice.
const NOTICED: Duration = Duration::from_secs(10);

/// A number behind a word in a file of `/proc`.
fn told(file: &str, word: &str) -> usize {
    let text = std::fs::read_to_string(file).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(word)).unwrap();
    line.split_whitespace().find_map(|number| number.parse().ok()).unwrap()
}

fn resident_bytes() -> usize {
    told("/proc/self/status", "VmRSS:") << 10
}

/// Asks over a connection that stays open, and reads the answer.
fn ask(stream: &mut TcpStream) {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let (mut answer, mut room) = (Vec::new(), [0; 1_024]);
    while !answer.ends_with(b"\r\n\r\nok\n") {
        let count = stream.read(&mut room).unwrap();
        assert!(count > 0, "it hung up");
        answer.extend_from_slice(&room[..count]);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_idle_connections_cost_next_to_nothing() {
    let stack = Stack::start_with(&[("LIMITS__HEADER_SECONDS", "300")]).await;
    let address = stack.server.as_ref().unwrap().address();
    // Both ends are in this process.
    let files = told("/proc/self/limits", "Max open files");
    let wanted = CONNECTIONS.min(files.saturating_sub(OTHER_FILES) / 2);
    assert!(wanted >= 500, "a process has {files} files: too few to tell anything");
    let opened = tokio::task::spawn_blocking(move || {
        ask(&mut TcpStream::connect(address).unwrap());
        let before = resident_bytes();
        let mut connections: Vec<TcpStream> = (0..wanted).map(|_| TcpStream::connect(address).unwrap()).collect();
        // Whoever is answered now was accepted after all of them.
        ask(&mut TcpStream::connect(address).unwrap());
        let silent = resident_bytes().saturating_sub(before);
        connections.iter_mut().for_each(ask);
        let used = [silent, resident_bytes().saturating_sub(before)];
        // Whoever comes now is served as ever, and so is who comes back.
        let begun = Instant::now();
        ask(&mut TcpStream::connect(address).unwrap());
        connections.iter_mut().step_by(97).for_each(ask);
        (used, begun.elapsed())
    });
    let (used, answered) = opened.await.unwrap();
    println!("{wanted} idle connections: {used:?} bytes, the next answers took {answered:?}");
    for (used, max) in used.into_iter().zip(MEMORY_BYTES_MAX) {
        assert!(used * CONNECTIONS / wanted <= max, "{wanted} connections took {used} bytes");
    }
    assert!(answered < Duration::from_secs(5), "{answered:?}");
}

/// Says something, then a letter now and then, until the server hangs up.
fn dawdle(address: SocketAddr, first: &[u8], letter: Option<u8>) -> Duration {
    let mut stream = TcpStream::connect(address).unwrap();
    let begun = Instant::now();
    stream.write_all(first).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let mut room = [0; 1_024];
    loop {
        match stream.read(&mut room) {
            Ok(0) => return begun.elapsed(),
            // It may say why before it hangs up.
            Ok(_) => {}
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(_) => return begun.elapsed(),
        }
        assert!(
            begun.elapsed() < NOTICED,
            "{:?} holds a connection for as long as it likes",
            String::from_utf8_lossy(first)
        );
        if let Some(letter) = letter
            && stream.write_all(&[letter]).is_err()
        {
            return begun.elapsed();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_never_finishes_its_headers_is_cut_off() {
    let stack = Stack::start_with(&[("LIMITS__HEADER_SECONDS", "1")]).await;
    let address = stack.server.as_ref().unwrap().address();
    let slow: [(&'static [u8], Option<u8>); 6] = [
        (b"", None),
        (b"G", None),
        (b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ", Some(b'a')),
        // As HTTP/2 begins, and stops in the middle of saying so, or right after.
        (b"PRI", None),
        (b"PRI * HTTP/2.0\r\n", None),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", None),
    ];
    let cut: Vec<_> = slow
        .into_iter()
        .map(|(first, letter)| tokio::task::spawn_blocking(move || (first, dawdle(address, first, letter))))
        .collect();
    for one in cut {
        let (first, took) = one.await.unwrap();
        // A little before would be as bad: the clocks of both are one.
        assert!(took >= HEADERS_WAIT.mul_f32(0.9), "{:?} after {took:?}", String::from_utf8_lossy(first));
    }
    // Who is slower with what comes after the headers is waited for.
    let patient = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"POST /api/v1/sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n").unwrap();
        std::thread::sleep(HEADERS_WAIT * 2);
        stream.write_all(b"{}").unwrap();
        let mut room = [0; 64];
        let count = stream.read(&mut room).unwrap();
        String::from_utf8_lossy(&room[..count]).into_owned()
    });
    let answer = patient.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}
