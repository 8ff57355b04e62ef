//! Pages of a large folder, from anywhere in it.

use super::http::{self, Connection};
use crate::generate::chance::Chance;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::time::Instant;

/// Entries of a page.
const ENTRIES: u64 = 500;
/// Pages that are asked for.
const PAGES: usize = 200;
const SEED: u64 = 23;

/// Asks for pages of the folder of so many entries that `url` lists: how long 95 of 100 take at most, in seconds.
pub(super) fn p95_seconds(url: &str, token: &str, entries: u64) -> Result<f64> {
    let (host, path) = http::parts(url)?;
    let mut connection = Connection::open(host, Some(token))?;
    let mut chance = Chance::of(SEED, 0);
    let (mut times, mut body) = (Vec::new(), Vec::new());
    // The first one reads the folder: what is asked is how it is when somebody leafs through.
    for number in 0..=PAGES {
        let offset = chance.below(entries.saturating_sub(ENTRIES).max(1));
        let begun = Instant::now();
        let status = connection.get(&format!("{path}&limit={ENTRIES}&offset={offset}"), "", &mut body)?;
        let seconds = begun.elapsed().as_secs_f64();
        ensure!(status == 200, "a page was answered with {status}: {}", String::from_utf8_lossy(&body));
        let page: Value = serde_json::from_slice(&body).context("reading a page")?;
        let found = page["entries"].as_array().map_or(0, Vec::len) as u64;
        ensure!(found == ENTRIES.min(entries), "a page has {found} entries");
        if number > 0 {
            times.push(seconds);
        }
    }
    http::p95(times)
}
