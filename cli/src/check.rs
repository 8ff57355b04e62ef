//! `bygone check`: prove a repository readable, and heal it from a mirror.

use bygone_vault::backend::{self, CancelToken};
use bygone_vault::check::heal::{Healed, heal};
use bygone_vault::check::{CheckOptions, Finding, ReadData, Report, check, second_opinion};
use bygone_vault::location::Location;
use bygone_vault::lock::LockKind;
use bygone_vault::{Error, ErrorKind, Repository, Result};
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use crate::console;
use crate::exit::Outcome;
use crate::global::Global;
use crate::open::open;
use crate::output::show;
use crate::progress::Stages;
use crate::storage::backend_options;
use crate::units::{parse_size, show_size};
use crate::writing::{LockArgs, Writing};

/// Times that a repository is healed and checked again.
const HEALING_ROUNDS_MAX: u32 = 3;

/// Prove that everything can be read
///
/// Without options, everything that names something is followed: index files, packs by size, trees, blobs of files. The
/// bytes themselves are read with --read-data or one of its parts.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Read every byte of every pack
    #[arg(long, conflicts_with = "read_data_subset")]
    read_data: bool,
    /// Read a part: 2/5 (the second of five parts), 10% or 5G (by chance)
    #[arg(long, value_name = "PART", value_parser = parse_part)]
    read_data_subset: Option<ReadData>,
    /// Read so many files, picked by chance, as a restore would
    #[arg(long, value_name = "N", default_value_t = 0)]
    sample_files: usize,
    /// What chance begins with, to pick the same again [default: another each time]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Also let rustic_core check it: another implementation, which may see what we are blind to
    #[arg(long, conflicts_with = "no_lock")]
    second_opinion: bool,
    /// Replace what is damaged or missing by the good copies of this mirror
    #[arg(long, value_name = "LOCATION")]
    heal_from: Option<String>,
    /// Take no lock: for storage that cannot be written to. A prune beside it may look like damage
    #[arg(long, conflicts_with = "heal_from")]
    no_lock: bool,
    #[command(flatten)]
    lock: LockArgs,
}

/// `2/5`, `10%`, `5G`.
fn parse_part(text: &str) -> Result<ReadData, String> {
    if let Some((part, parts)) = text.split_once('/') {
        return match (part.parse::<u32>(), parts.parse::<u32>()) {
            (Ok(part), Ok(parts)) if (1..=parts).contains(&part) && parts <= 256 => Ok(ReadData::Part { part, parts }),
            _ => Err(format!("{text:?} is no part: write N/T with N from 1 to T, and T up to 256")),
        };
    }
    if let Some(number) = text.strip_suffix('%') {
        return match number.parse::<f64>() {
            Ok(percent) if percent > 0.0 && percent <= 100.0 => Ok(ReadData::Share(percent / 100.0)),
            Ok(_) | Err(_) => Err(format!("{text:?} is not a share above 0% up to 100%")),
        };
    }
    match parse_size(text) {
        Ok(0) => Err("0 bytes are no part".to_owned()),
        size => size.map(ReadData::Bytes),
    }
}

impl Check {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let seed = self.seed.unwrap_or_else(|| Timestamp::now().as_microsecond().unsigned_abs());
        if self.no_lock {
            let report = self.check(global, &open(global)?, seed, &CancelToken::new())?;
            return tell(global, &report, &[], seed);
        }
        let kind = if self.heal_from.is_some() { LockKind::Exclusive } else { LockKind::Shared };
        let writing = Writing::open(global, kind, &self.lock)?;
        let checked = self.check_and_heal(global, &writing, seed).and_then(|(mut report, healed)| {
            if self.second_opinion {
                report.findings.extend(second_opinion(&writing.repository, &writing.storage, self.read())?);
            }
            Ok((report, healed))
        });
        let (report, healed) = writing.finish(checked)?;
        tell(global, &report, &healed, seed)
    }

    fn read(&self) -> ReadData {
        if self.read_data { ReadData::All } else { self.read_data_subset.unwrap_or(ReadData::None) }
    }

    fn check(&self, global: &Global, repository: &Repository, seed: u64, token: &CancelToken) -> Result<Report> {
        let options = CheckOptions { read: self.read(), sample_files: self.sample_files, seed };
        check(repository, &options, token, &Stages::new(global))
    }

    /// Checks, heals, and checks again: what a damaged index file hid shows only when it is healed.
    fn check_and_heal(&self, global: &Global, writing: &Writing, seed: u64) -> Result<(Report, Vec<Healed>)> {
        let mut healed = Vec::new();
        let mut rounds = 0;
        loop {
            let report = self.check(global, &writing.repository, seed, &writing.token)?;
            let Some(mirror) = self.heal_from.as_ref().filter(|_| report.errors().next().is_some()) else {
                return Ok((report, healed));
            };
            if rounds == HEALING_ROUNDS_MAX {
                return Ok((report, healed));
            }
            rounds += 1;
            let mirror = backend::open(&Location::parse(mirror)?, &backend_options(global)?)?.backend;
            let stages = Stages::new(global);
            let now = heal(&report, writing.storage.as_ref(), mirror.as_ref(), &writing.token, &stages)?;
            let is_better = now.iter().any(|healed| healed.outcome.is_ok());
            healed.extend(now);
            if !is_better {
                return Ok((report, healed));
            }
            writing.repository.refresh()?;
        }
    }
}

fn tell(global: &Global, report: &Report, healed: &[Healed], seed: u64) -> Result<Outcome> {
    for finding in &report.findings {
        if finding.is_error() {
            console::problem(&finding.to_string());
        } else if !global.quiet {
            console::line(&format!("note: {finding}"));
        }
    }
    for healed in healed {
        match &healed.outcome {
            Ok(()) => console::line(&format!("healed: {}", healed.file)),
            Err(error) => console::problem(&format!("not healed: {}: {}", healed.file, error.chain())),
        }
    }
    show(
        global,
        || CheckFields::new(report, healed, seed),
        |output| {
            output.line(&format!("{} snapshots, {} trees, {} packs", report.snapshots, report.trees, report.packs))?;
            if report.packs_read > 0 {
                let read = show_size(report.bytes_read);
                output.line(&format!("{read} of {} packs were read", report.packs_read))?;
            }
            if report.files_sampled > 0 {
                let read = show_size(report.bytes_sampled);
                output.line(&format!("{read} of {} files were read, with --seed {seed}", report.files_sampled))?;
            }
            Ok(())
        },
    )?;
    let errors = report.errors().count();
    if errors == 0 {
        return Ok(Outcome::Done);
    }
    Err(Error::new(ErrorKind::Damaged, format!("the repository has {errors} errors")))
}

#[derive(Serialize)]
struct CheckFields {
    message_type: &'static str,
    num_errors: usize,
    snapshots: u64,
    trees: u64,
    packs: u64,
    packs_read: u64,
    bytes_read: u64,
    files_sampled: u64,
    bytes_sampled: u64,
    seed: u64,
    findings: Vec<FindingFields>,
    healed: Vec<HealedFields>,
}

#[derive(Serialize)]
struct FindingFields {
    code: &'static str,
    error: bool,
    text: String,
}

#[derive(Serialize)]
struct HealedFields {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl CheckFields {
    fn new(report: &Report, healed: &[Healed], seed: u64) -> Self {
        let finding = |finding: &Finding| FindingFields {
            code: finding.code(),
            error: finding.is_error(),
            text: finding.to_string(),
        };
        let heal = |healed: &Healed| HealedFields {
            file: healed.file.to_string(),
            error: healed.outcome.as_ref().err().map(Error::chain),
        };
        Self {
            message_type: "summary",
            num_errors: report.errors().count(),
            snapshots: report.snapshots,
            trees: report.trees,
            packs: report.packs,
            packs_read: report.packs_read,
            bytes_read: report.bytes_read,
            files_sampled: report.files_sampled,
            bytes_sampled: report.bytes_sampled,
            seed,
            findings: report.findings.iter().map(finding).collect(),
            healed: healed.iter().map(heal).collect(),
        }
    }
}
