//! Questions, and how long their answers take.

use std::path::Path;
use std::time::Instant;

use bygone_common::SnapshotPath;
use bygone_indexer::{Index, Limits, Page, Query, Scope, ScopeClause, Sort};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::Result;
use crate::world::{World, mix};

/// Questions of the mixed set.
const QUESTIONS: u64 = 200;
/// Each is asked so often; the last time counts, as an index is warm.
const ROUNDS: usize = 2;
/// Single ones and parts of names: the fastest counts, as it does for the peer.
const SUBSTRING_ROUNDS: usize = 5;

pub(crate) fn quantiles(values: &mut [f64]) -> Value {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values.get(((values.len() as f64 - 1.0).max(0.0) * share).round() as usize).copied();
    json!({ "count": values.len(), "p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "max": at(1.0) })
}

fn query(text: &str) -> Result<Query> {
    let now: Timestamp = "2026-09-01T12:00:00Z".parse()?;
    Query::parse(text, now, &TimeZone::UTC).map_err(|error| format!("{text}: {error}").into())
}

/// A part of some name, of so many characters.
fn part(world: &World, chance: u64, length: usize) -> String {
    let name = world.name((chance % u64::from(world.directories())) as u32, 10 + (chance >> 32) as u32 % 40);
    let letters: Vec<char> = name.chars().filter(|c| c.is_alphanumeric()).collect();
    let start = (chance >> 20) as usize % letters.len().saturating_sub(length).max(1);
    letters.iter().skip(start).take(length).collect()
}

fn question(world: &World, number: u64) -> String {
    let chance = mix(99, number);
    let word = |at: u64| part(world, mix(chance, at), 5);
    match number % 20 {
        0 => part(world, chance, 3),
        1 => part(world, chance, 4),
        2 | 3 => part(world, chance, 6),
        4 => part(world, chance, 10),
        5 => "report".to_owned(),
        6 => "отчет 2026".to_owned(),
        7 => format!("\"{} {}\"", "annual", "report"),
        8 => format!("{}*", part(world, chance, 4)),
        9 => format!("name:{} ext:xlsx", word(1)),
        10 => "report ext:xlsx size:>10M changed:2026-07 host:host-0".to_owned(),
        11 => format!("{} deleted:yes", word(2)),
        12 => "invoice kind:image".to_owned(),
        13 => format!("{} path:/report*", word(3)),
        14 => "ext:pdf size:>100M".to_owned(),
        15 => "changed:7d".to_owned(),
        16 => format!("{} -draft", word(4)),
        17 => format!("IMG_{:05}", chance % 20_000),
        18 => "*.jpg contract".to_owned(),
        _ => format!("{} {}", word(5), word(6)),
    }
}

/// Opens an index and asks everything.
pub(crate) fn all(folder: &Path, world: &World) -> Result<Value> {
    let start = Instant::now();
    let index = Index::open(folder, Limits::default())?;
    let open_s = start.elapsed().as_secs_f64();
    Ok(json!({
        "open_s": open_s, "questions_ms": mixed(&index, world)?, "substrings": substrings(&index, world)?,
    }))
}

/// The times of single questions, each asked a few times.
pub(crate) fn each(folder: &Path, questions: &[&str]) -> Result<Value> {
    let index = Index::open(folder, Limits::default())?;
    let mut told = Vec::new();
    for text in questions {
        let query = query(text)?;
        let (mut times, mut total) = (Vec::new(), 0);
        for _ in 0..SUBSTRING_ROUNDS {
            let start = Instant::now();
            total = index.search(&query, &Scope::everything(), &Page::default())?.total;
            times.push(start.elapsed().as_secs_f64() * 1000.0);
        }
        told.push(json!({ "question": text, "ms": times, "total": total }));
    }
    Ok(json!(told))
}

fn mixed(index: &Index, world: &World) -> Result<Value> {
    let everything = Scope::everything();
    let some = Scope::new(vec![
        ScopeClause::allow(None, SnapshotPath::root()),
        ScopeClause::deny(None, SnapshotPath::parse(b"/report 1")?),
    ])?;
    let mut times = Vec::new();
    let mut slowest = (0.0, String::new());
    for number in 0..QUESTIONS {
        let text = question(world, number);
        let query = query(&text)?;
        let scope = if number % 3 == 0 { &some } else { &everything };
        let sort = if number % 7 == 0 { Sort::Newest } else { Sort::Best };
        let mut last = 0.0;
        for _ in 0..ROUNDS {
            let start = Instant::now();
            index.search(&query, scope, &Page { sort, ..Page::default() })?;
            last = start.elapsed().as_secs_f64() * 1000.0;
        }
        eprintln!("{last:8.2} ms  {text}");
        if last > slowest.0 {
            slowest = (last, text);
        }
        times.push(last);
    }
    let mut told = quantiles(&mut times);
    if let Some(told) = told.as_object_mut() {
        told.insert("slowest".to_owned(), json!(slowest.1));
    }
    Ok(told)
}

/// Substrings for a peer to look for as well, with our times and counts.
fn substrings(index: &Index, world: &World) -> Result<Value> {
    let mut asked = Vec::new();
    let texts = (0..20).map(|number| part(world, mix(5, number), 4 + (number as usize % 6)));
    for text in texts.chain(["zzqzz".to_owned(), "report".to_owned()]) {
        let query = query(&format!("name:\"{text}\"").replace('"', ""))?;
        let page = Page { limit: 0, facets: false, ..Page::default() };
        let (mut best, mut total) = (f64::MAX, 0);
        for _ in 0..SUBSTRING_ROUNDS {
            let start = Instant::now();
            total = index.search(&query, &Scope::everything(), &page)?.total;
            best = best.min(start.elapsed().as_secs_f64() * 1000.0);
        }
        asked.push(json!({ "text": text, "ms": best, "total": total }));
    }
    Ok(json!(asked))
}
