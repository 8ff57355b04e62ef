//! `bench search`: the search index: ingesting a million files and a day's change, 200 mixed questions, parts of names beside
//! plocate, names in 60 snapshots beside restic.
//!
//! The index is `indexer/examples/search_load`: automation uses none of our crates.

use super::data::{self, PASSWORD, Set};
use super::peers::Peer;
use super::sets::NEEDLE;
use super::{Stage, measure};
use crate::{folders, process};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Made-up machines: their name, files, days and number.
const WORLDS: [(&str, f64, u16, u8); 2] = [("1 M versions", 1e6, 3, 1), ("10 M versions", 1e6, 11, 9)];
/// Goals, as in the issue: each with where the load tells it.
const GOALS: [(&str, &str, f64); 6] = [
    ("first snapshot, s", "/first_s/max", 60.0),
    ("next day, s", "/next_s/p50", 2.0),
    ("bytes a version", "/bytes_per_version", 100.0),
    ("question p50, ms", "/questions_ms/p50", 10.0),
    ("question p99, ms", "/questions_ms/p99", 50.0),
    ("memory, MiB", "/peak_mib", 512.0),
];
/// Ours in plocate's time, at most.
const PLOCATE_RATIO_MAX: f64 = 1.5;
/// restic's time in ours, at least.
const RESTIC_RATIO_MIN: f64 = 1000.0;
/// How often a peer does the same; the fastest counts.
const PEER_ROUNDS: usize = 3;

/// Runs everything and prints what came of it.
pub(super) fn run(stage: &Stage) -> Result<()> {
    let program = folders::target()?.join("release/examples/search_load");
    let mut missed = Vec::new();
    for (name, files, days, sources) in WORLDS.iter().filter(|(name, ..)| stage.wants(name)) {
        let folder = empty(stage, "made")?;
        let names = folder.join("names");
        let files = ((files * stage.options.scale) as u64).max(1000);
        let mut command = stage.tools.command(&program)?;
        command.arg("made").arg(folder.join("index"));
        command.args([files.to_string(), days.to_string(), sources.to_string()]).arg(&names);
        let told = told(&mut command)?;
        let number = |path: &str| told.pointer(path).and_then(Value::as_f64).unwrap_or(f64::NAN);
        println!("| {name} | is | may be |\n|---|---|---|");
        println!("| versions | {} | |", number("/versions"));
        for (what, path, most) in GOALS {
            println!("| {what} | {:.2} | {most} |", number(path));
            if number(path).is_nan() || number(path) > most {
                missed.push(format!("{name}: {what} is {:.2}, more than {most}", number(path)));
            }
        }
        if *sources == 1 {
            beside_plocate(stage, &folder, &names, &told, &mut missed)?;
        }
        fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    if stage.wants("restic") {
        beside_restic(stage, &program, &mut missed)?;
    }
    ensure!(missed.is_empty(), "the goals are missed: {}", missed.join("; "));
    Ok(())
}

fn empty(stage: &Stage, name: &str) -> Result<PathBuf> {
    let folder = stage.root.join("search").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder)
}

fn told(command: &mut Command) -> Result<Value> {
    let text = process::text(command)?;
    serde_json::from_str(text.trim()).context("reading what the load tells")
}

/// plocate finds whole paths, so it may find more; it starts anew for every question, as it always does.
fn beside_plocate(stage: &Stage, folder: &Path, names: &Path, told: &Value, missed: &mut Vec<String>) -> Result<()> {
    let (Some(build), Some(plocate)) = (folders::program("plocate-build"), folders::program("plocate")) else {
        println!("plocate is not installed: nothing to compare with");
        return Ok(());
    };
    let database = folder.join("plocate.db");
    let mut command = stage.tools.command(build)?;
    process::run(command.args(["--plaintext", "--require-visibility", "no"]).arg(names).arg(&database))?;
    println!("| part of a name | found | ms | plocate, ms | ratio |\n|---|---|---|---|---|");
    let (mut ours, mut theirs) = (0.0, 0.0);
    for asked in told["substrings"].as_array().into_iter().flatten() {
        let text = asked["text"].as_str().unwrap_or_default();
        let ms = asked["ms"].as_f64().unwrap_or(f64::NAN);
        let mut best = f64::MAX;
        for _ in 0..PEER_ROUNDS {
            let mut command = stage.tools.command(&plocate)?;
            command.args(["--ignore-case", "--basename", "--count", "--database"]).arg(&database).arg(text);
            let start = std::time::Instant::now();
            // It ends with 1 when it finds nothing.
            command.output().context("starting plocate")?;
            best = best.min(start.elapsed().as_secs_f64() * 1000.0);
        }
        println!("| {text} | {} | {ms:.2} | {best:.2} | {:.2} |", asked["total"], ms / best);
        ours += ms;
        theirs += best;
    }
    let ratio = ours / theirs;
    println!("| all | | {ours:.2} | {theirs:.2} | {ratio:.2} |");
    if ratio.is_nan() || ratio > PLOCATE_RATIO_MAX {
        missed.push(format!("parts of names take {ratio:.2} of plocate's time, more than {PLOCATE_RATIO_MAX}"));
    }
    Ok(())
}

fn beside_restic(stage: &Stage, program: &Path, missed: &mut Vec<String>) -> Result<()> {
    let set = data::prepare(stage, Set::History)?;
    let folder = empty(stage, "real")?;
    let needle = format!("{NEEDLE}_*.c");
    let mut command = stage.tools.command(program)?;
    command.env("RESTIC_PASSWORD", PASSWORD).arg("real").arg(folder.join("index")).arg(&set.repository);
    let told = told(command.args([needle.as_str(), "no_such_name"]))?;
    println!(
        "60 snapshots: first {} s, all {} s, {} bytes a version",
        told["first_s"], told["all_s"], told["bytes_per_version"]
    );
    println!("| name in 60 snapshots | found | s | restic, s | ratio |\n|---|---|---|---|---|");
    for found in told["found"].as_array().into_iter().flatten() {
        let name = found["name"].as_str().unwrap_or_default();
        let seconds = found["seconds"].as_f64().unwrap_or(f64::NAN);
        let mut restic = f64::MAX;
        for _ in 0..PEER_ROUNDS {
            restic = restic.min(measure::timed(&mut Peer::Restic.find(stage, &set, name)?)?.seconds);
        }
        let ratio = restic / seconds;
        println!("| {name} | {} | {seconds:.5} | {restic:.2} | {ratio:.0} |", found["total"]);
        if ratio.is_nan() || ratio < RESTIC_RATIO_MIN {
            missed.push(format!("{name} is found {ratio:.0} times as fast as by restic, less than {RESTIC_RATIO_MIN}"));
        }
    }
    fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))
}
