//! `bygone stats`: how much there is.

use std::sync::Arc;

use bygone_common::TreeId;
use bygone_vault::backend::FileKind;
use bygone_vault::stats::{Contents, StoredFiles, Used, contents, stored, used};
use bygone_vault::{Error, Repository, Result, Snapshot};
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::console::Problems;
use crate::exit::Outcome;
use crate::global::Global;
use crate::open::open;
use crate::output::{Output, printable, show};
use crate::selection::{Selection, parse_specs};
use crate::units::show_size;
use crate::when::Clock;

/// Count what snapshots hold and what the repository stores
#[derive(Debug, Args)]
pub(crate) struct Stats {
    /// Only these
    #[arg(value_name = "SNAPSHOT")]
    named: Vec<String>,
    /// What to count
    #[arg(long, value_enum, default_value_t = Mode::RestoreSize)]
    mode: Mode,
    /// Show each snapshot too (with --mode restore-size)
    #[arg(long)]
    per_snapshot: bool,
    #[command(flatten)]
    selection: Selection,
}

/// restic's modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// What restoring each snapshot would write
    RestoreSize,
    /// Files, those of equal content once
    FilesByContents,
    /// The blobs that the snapshots use, each once, plain and as stored
    RawData,
}

#[derive(Serialize)]
struct StatsFields {
    repository: RepositoryFields,
    snapshots_count: usize,
    mode: &'static str,
    total_size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_file_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_blob_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_uncompressed_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compression_ratio: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    snapshots: Vec<SnapshotLine>,
}

#[derive(Serialize)]
struct RepositoryFields {
    id: String,
    version: u32,
    blobs: u64,
    packs: u64,
    pack_bytes: u64,
    index_files: u64,
    index_bytes: u64,
    snapshots: u64,
    keys: u64,
    stored_bytes: u64,
}

#[derive(Serialize)]
struct SnapshotLine {
    id: String,
    time: String,
    hostname: String,
    files: u64,
    dirs: u64,
    others: u64,
    size: u64,
}

impl Stats {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let named = parse_specs(&self.named)?;
        let repository = open(global)?;
        let mut problems = Problems::default();
        let snapshots = self.selection.some(&repository, &named, &mut problems)?;
        let mut fields = StatsFields {
            repository: repository_fields(&repository)?,
            snapshots_count: snapshots.len(),
            mode: "",
            total_size: 0,
            total_file_count: None,
            total_blob_count: None,
            total_uncompressed_size: None,
            compression_ratio: None,
            snapshots: Vec::new(),
        };
        let broken = match self.mode {
            Mode::RestoreSize => self.restore_size(&repository, &snapshots, &mut fields),
            Mode::FilesByContents => {
                let used = used(&repository, &snapshots);
                fields.mode = "files-by-contents";
                fields.total_size = used.distinct_file_bytes;
                fields.total_file_count = Some(used.distinct_files);
                used.broken
            }
            Mode::RawData => raw_data(used(&repository, &snapshots), &mut fields, &mut problems),
        };
        for (tree, error) in broken {
            problems.tell(&error.context(format!("tree {}", tree.short())).chain());
        }
        show(global, || &fields, |output| table(&fields, &snapshots, output))?;
        Ok(Outcome::after(problems.count()))
    }

    fn restore_size(
        &self,
        repository: &Repository,
        snapshots: &[Arc<Snapshot>],
        fields: &mut StatsFields,
    ) -> Vec<(TreeId, Error)> {
        let counted = contents(repository, snapshots);
        let Contents { files, directories, others, bytes } = counted.total;
        fields.mode = "restore-size";
        fields.total_size = bytes;
        fields.total_file_count = Some(files + directories + others);
        if self.per_snapshot {
            fields.snapshots = snapshots.iter().zip(&counted.snapshots).map(snapshot_line).collect();
        }
        counted.broken
    }
}

fn snapshot_line((snapshot, contents): (&Arc<Snapshot>, &Contents)) -> SnapshotLine {
    SnapshotLine {
        id: snapshot.id.to_string(),
        time: snapshot.time.display_with_offset(snapshot.offset).to_string(),
        hostname: snapshot.hostname.clone(),
        files: contents.files,
        dirs: contents.directories,
        others: contents.others,
        size: contents.bytes,
    }
}

fn raw_data(used: Used, fields: &mut StatsFields, problems: &mut Problems) -> Vec<(TreeId, Error)> {
    fields.mode = "raw-data";
    fields.total_size = used.stored_bytes;
    fields.total_blob_count = Some(used.data_blobs + used.tree_blobs);
    fields.total_uncompressed_size = Some(used.plain_bytes);
    fields.compression_ratio = (used.stored_bytes > 0).then(|| used.plain_bytes as f64 / used.stored_bytes as f64);
    if used.missing_blobs > 0 {
        problems.tell(&format!("{} blobs that snapshots use are in no index file", used.missing_blobs));
    }
    used.broken
}

fn repository_fields(repository: &Repository) -> Result<RepositoryFields> {
    let stored = stored(repository)?;
    let of = |kind: FileKind| stored.iter().find(|files| files.kind == kind);
    let files = |kind| of(kind).map_or(0, |stored: &StoredFiles| stored.files);
    let bytes = |kind| of(kind).map_or(0, |stored: &StoredFiles| stored.bytes);
    Ok(RepositoryFields {
        id: repository.id().to_string(),
        version: repository.version(),
        blobs: repository.blob_map_stats().blobs,
        packs: files(FileKind::Pack),
        pack_bytes: bytes(FileKind::Pack),
        index_files: files(FileKind::Index),
        index_bytes: bytes(FileKind::Index),
        snapshots: files(FileKind::Snapshot),
        keys: files(FileKind::Key),
        stored_bytes: stored.iter().map(|files| files.bytes).sum(),
    })
}

fn table(fields: &StatsFields, snapshots: &[Arc<Snapshot>], output: &mut Output) -> Result<()> {
    let repository = &fields.repository;
    let id: String = repository.id.chars().take(8).collect();
    output.line(&format!("repository {id}, format {}", repository.version))?;
    output.line(&format!("  {:>10} snapshots, {} keys", repository.snapshots, repository.keys))?;
    output.line(&format!("  {:>10} blobs in {} packs", repository.blobs, repository.packs))?;
    output.line(&format!("  {:>10} stored", show_size(repository.stored_bytes)))?;
    let clock = Clock::local();
    for (line, snapshot) in fields.snapshots.iter().zip(snapshots) {
        output.line(&format!(
            "{} {}  {:>8} files {:>7} dirs {:>5} others  {:>12}  {}",
            snapshot.id.short(),
            clock.show(snapshot.time),
            line.files,
            line.dirs,
            line.others,
            show_size(line.size),
            printable(&line.hostname),
        ))?;
    }
    output.line(&format!("{} snapshots in mode {}", fields.snapshots_count, fields.mode))?;
    if let Some(count) = fields.total_file_count {
        output.line(&format!("  {count:>10} files"))?;
    }
    if let Some(count) = fields.total_blob_count {
        output.line(&format!("  {count:>10} blobs"))?;
    }
    if let (Some(plain), Some(ratio)) = (fields.total_uncompressed_size, fields.compression_ratio) {
        output.line(&format!("  {:>10} plain, {ratio:.2} times as much as stored", show_size(plain)))?;
    }
    output.line(&format!("  {:>10} in total", show_size(fields.total_size)))
}
