//! Medians and ratios, as Markdown for people and as JSON for programs.

use super::peers::{ALL, Peer};
use super::{Bench, Stage, machine};
use crate::process;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::env;
use std::fmt::Write;
use std::fs;
use std::process::Command;

/// What a value counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unit {
    Seconds,
    MebibytesPerSecond,
    ReadsPerSecond,
    /// Memory: the highest of all rounds counts, not the median.
    PeakMebibytes,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::MebibytesPerSecond => "MiB/s",
            Self::ReadsPerSecond => "reads/s",
            Self::PeakMebibytes => "MiB, peak",
        }
    }

    /// One value of many.
    fn summary(self, values: &[f64]) -> Option<f64> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        match self {
            Self::PeakMebibytes => sorted.last().copied(),
            Self::Seconds | Self::MebibytesPerSecond | Self::ReadsPerSecond => {
                let (low, high) = (sorted.get(sorted.len().saturating_sub(1) / 2)?, sorted.get(sorted.len() / 2)?);
                Some((low + high) / 2.0)
            }
        }
    }

    /// How many times as good one value is as another.
    fn ratio(self, ours: f64, theirs: f64) -> f64 {
        match self {
            Self::Seconds | Self::PeakMebibytes => theirs / ours,
            Self::MebibytesPerSecond | Self::ReadsPerSecond => ours / theirs,
        }
    }
}

struct Row {
    measure: String,
    unit: Unit,
    values: BTreeMap<Peer, Vec<f64>>,
}

/// What one bench found.
pub(crate) struct Table {
    bench: Bench,
    head: Vec<(&'static str, String)>,
    rows: Vec<Row>,
    notes: Vec<String>,
}

impl Table {
    /// An empty table that says what it will have been measured on.
    pub(crate) fn new(bench: Bench, stage: &Stage) -> Result<Self> {
        let mut head = vec![("date", machine::now()), ("machine", machine::described())];
        head.push(("command", format!("cargo xtask {}", env::args().skip(1).collect::<Vec<_>>().join(" "))));
        head.push((
            "commit",
            process::text(Command::new("git").args(["rev-parse", "--short", "HEAD"]))
                .unwrap_or_default()
                .trim()
                .to_string(),
        ));
        if bench != Bench::Data {
            for peer in stage.peers(ALL) {
                head.push((peer.name(), peer.version(&stage.tools)?));
            }
        }
        Ok(Self { bench, head, rows: Vec::new(), notes: Vec::new() })
    }

    /// Adds one value, and shows it.
    pub(crate) fn add(&mut self, measure: &str, unit: Unit, peer: Peer, value: f64) {
        eprintln!("  {measure}: {} {} {}", peer.name(), shown(value), unit.name());
        let position = self.rows.iter().position(|row| row.measure == measure && row.unit == unit);
        let position = position.unwrap_or_else(|| {
            self.rows.push(Row { measure: measure.to_string(), unit, values: BTreeMap::new() });
            self.rows.len() - 1
        });
        if let Some(row) = self.rows.get_mut(position) {
            row.values.entry(peer).or_default().push(value);
        }
    }

    /// Adds a sentence below the table.
    pub(crate) fn note(&mut self, text: String) {
        if !self.notes.contains(&text) {
            eprintln!("  {text}");
            self.notes.push(text);
        }
    }

    /// Prints the table, and keeps it and all single values below the bench folder.
    pub(crate) fn finish(&self, stage: &Stage) -> Result<()> {
        let text = self.markdown(stage.options.rounds);
        println!("{text}");
        let folder = stage.root.join("results");
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        let date = self.head.first().map(|(_, date)| date.replace([' ', ':'], "-")).unwrap_or_default();
        let name = format!("{:?}-{date}", self.bench).to_lowercase();
        for (end, content) in [("md", text), ("json", format!("{:#}\n", self.json()))] {
            let path = folder.join(format!("{name}.{end}"));
            fs::write(&path, content).with_context(|| format!("writing {}", path.display()))?;
            println!("kept as {}", path.display());
        }
        Ok(())
    }

    fn markdown(&self, rounds: usize) -> String {
        let mut text = String::new();
        for (name, value) in &self.head {
            let _ = writeln!(text, "- {name}: {value}");
        }
        let peers: Vec<Peer> =
            ALL.iter().copied().filter(|peer| self.rows.iter().any(|row| row.values.contains_key(peer))).collect();
        let others: Vec<Peer> = peers.iter().copied().filter(|peer| *peer != Peer::Bygone).collect();
        let _ = write!(text, "\n| measure (median of {rounds}) | unit |");
        peers.iter().for_each(|peer| text.push_str(&format!(" {} |", peer.name())));
        others.iter().for_each(|peer| text.push_str(&format!(" × {} |", peer.name())));
        let _ = write!(text, "\n|---|---|{}", "--:|".repeat(peers.len() + others.len()));
        for row in &self.rows {
            let _ = write!(text, "\n| {} | {} |", row.measure, row.unit.name());
            let summary = |peer: &Peer| row.values.get(peer).and_then(|values| row.unit.summary(values));
            for peer in &peers {
                let _ = write!(text, " {} |", summary(peer).map_or_else(|| "–".into(), shown));
            }
            for peer in &others {
                let ratio =
                    summary(&Peer::Bygone).zip(summary(peer)).map(|(ours, theirs)| row.unit.ratio(ours, theirs));
                let _ = write!(text, " {} |", ratio.map_or_else(|| "–".into(), |ratio| format!("{ratio:.2}")));
            }
        }
        text.push_str("\n\n× is how many times as good Bygone is.");
        self.notes.iter().for_each(|note| text.push_str(&format!("\n\n{note}")));
        text
    }

    fn json(&self) -> Value {
        let head: BTreeMap<_, _> = self.head.iter().cloned().collect();
        let rows = self.rows.iter().map(|row| {
            let values: BTreeMap<_, _> = row.values.iter().map(|(peer, values)| (peer.name(), values)).collect();
            json!({ "measure": row.measure, "unit": row.unit.name(), "values": values })
        });
        json!({ "bench": format!("{:?}", self.bench).to_lowercase(), "about": head, "rows": rows.collect::<Vec<_>>(), "notes": self.notes })
    }
}

fn shown(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value if value >= 0.1 => format!("{value:.2}"),
        value => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_peaks() {
        assert_eq!(Unit::Seconds.summary(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(Unit::Seconds.summary(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(Unit::PeakMebibytes.summary(&[3.0, 9.0, 2.0]), Some(9.0));
        assert_eq!(Unit::Seconds.summary(&[]), None);
    }

    #[test]
    fn a_ratio_above_one_is_good() {
        assert!(Unit::Seconds.ratio(1.0, 4.0) > 1.0);
        assert!(Unit::MebibytesPerSecond.ratio(400.0, 100.0) > 1.0);
    }

    #[test]
    fn the_table_has_a_column_for_each_program_and_ratio() {
        let mut table =
            Table { bench: Bench::List, head: vec![("date", "today".into())], rows: Vec::new(), notes: Vec::new() };
        table.add("du", Unit::Seconds, Peer::Raw, 2.0);
        table.add("du", Unit::Seconds, Peer::Bygone, 1.0);
        let text = table.markdown(1);
        assert!(text.contains("| measure (median of 1) | unit | raw | bygone | × raw |\n|---|---|--:|--:|--:|\n| du | s | 2.00 | 1.00 | 2.00 |"), "{text}");
    }
}
