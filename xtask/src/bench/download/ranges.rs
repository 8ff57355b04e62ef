//! Random ranges over several connections that stay open.

use super::http::{self, Connection};
use crate::generate::chance::Chance;
use crate::signals;
use anyhow::{Result, bail, ensure};
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
    let (host, path) = http::parts(url)?;
    let begun = Instant::now();
    let connections: Vec<_> = (0..CONNECTIONS)
        .map(|number| {
            let (host, path, token) = (host.to_owned(), path.to_owned(), token.map(str::to_owned));
            std::thread::spawn(move || one(&host, &path, token.as_deref(), number))
        })
        .collect();
    let mut times = Vec::new();
    for connection in connections {
        let Ok(found) = connection.join() else { bail!("a connection's thread ended") };
        times.extend(found?);
    }
    signals::check()?;
    let seconds = begun.elapsed().as_secs_f64();
    Ok(Found { per_second: times.len() as f64 / seconds, p95_seconds: http::p95(times)? })
}

/// One connection; how long each of its ranges took.
fn one(host: &str, path: &str, token: Option<&str>, number: u64) -> Result<Vec<f64>> {
    let mut connection = Connection::open(host, token)?;
    let mut chance = Chance::of(SEED, number);
    let (mut times, mut body) = (Vec::new(), Vec::new());
    let end = Instant::now() + Duration::from_secs(SECONDS);
    while Instant::now() < end {
        let first = chance.below(HOT_BYTES - RANGE_BYTES);
        let last = first + RANGE_BYTES - 1;
        let begun = Instant::now();
        let status = connection.get(path, &format!("Range: bytes={first}-{last}\r\n"), &mut body)?;
        ensure!(status == 206 && body.len() as u64 == RANGE_BYTES, "a range was answered with {status}");
        times.push(begun.elapsed().as_secs_f64());
    }
    Ok(times)
}
