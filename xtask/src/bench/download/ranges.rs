//! Random ranges over several connections that stay open.

use crate::generate::chance::Chance;
use crate::signals;
use anyhow::{Context, Result, bail, ensure};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Connections at once.
const CONNECTIONS: u64 = 32;
/// Bytes of one range.
const RANGE_BYTES: u64 = 256 << 10;
/// How long it goes on.
const SECONDS: u64 = 8;
/// The part of the file that ranges are taken from: it fits every cache.
const HOT_BYTES: u64 = 48 << 20;
const SEED: u64 = 17;

/// What it came to.
pub(super) struct Found {
    pub(super) per_second: f64,
    pub(super) p95_seconds: f64,
}

/// Asks for random ranges of what `url` names.
pub(super) fn random(url: &str, token: Option<&str>) -> Result<Found> {
    let (host, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).context("a URL")?;
    let token = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let begun = Instant::now();
    let connections: Vec<_> = (0..CONNECTIONS)
        .map(|number| {
            let (host, path, token) = (host.to_owned(), path.to_owned(), token.clone());
            std::thread::spawn(move || one(&host, &path, &token, number))
        })
        .collect();
    let mut times = Vec::new();
    for connection in connections {
        let Ok(found) = connection.join() else { bail!("a connection's thread ended") };
        times.extend(found?);
    }
    signals::check()?;
    let seconds = begun.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let p95 = times.get(times.len() * 95 / 100).copied().context("no range was answered")?;
    Ok(Found { per_second: times.len() as f64 / seconds, p95_seconds: p95 })
}

/// One connection; how long each of its ranges took.
fn one(host: &str, path: &str, token: &str, number: u64) -> Result<Vec<f64>> {
    let stream = TcpStream::connect(host).context("connecting")?;
    stream.set_nodelay(true).context("setting a connection up")?;
    let mut reader = BufReader::with_capacity(1 << 16, stream.try_clone().context("a second handle of a connection")?);
    let mut writer = stream;
    let mut chance = Chance::of(SEED, number);
    let mut times = Vec::new();
    let mut block = vec![0; RANGE_BYTES as usize];
    let end = Instant::now() + Duration::from_secs(SECONDS);
    while Instant::now() < end {
        let first = chance.below(HOT_BYTES - RANGE_BYTES);
        let last = first + RANGE_BYTES - 1;
        let begun = Instant::now();
        write!(writer, "GET /{path} HTTP/1.1\r\nHost: x\r\n{token}Range: bytes={first}-{last}\r\n\r\n")
            .context("asking")?;
        let mut line = String::new();
        reader.read_line(&mut line).context("reading an answer")?;
        ensure!(line.starts_with("HTTP/1.1 206"), "a range was answered with {line}");
        while line != "\r\n" {
            line.clear();
            ensure!(reader.read_line(&mut line).context("reading an answer")? > 0, "an answer broke off");
        }
        reader.read_exact(&mut block).context("reading a range")?;
        times.push(begun.elapsed().as_secs_f64());
    }
    Ok(times)
}
