//! `bygone backup`: a snapshot of files, or of what a program prints.
//!
//! Here what can be said and the order of things; [`sources`] finds what is to be saved, [`rules`] what is not, [`piped`]
//! reads standard input and commands, [`show`] tells of it.

mod piped;
mod rules;
mod show;
mod sources;

use std::sync::Arc;

use bygone_common::SnapshotId;
use bygone_vault::backend::{CancelToken, SharedStorage, discard};
use bygone_vault::capture::{
    self, Capture, Captured, Draft, IoClass, Options, ParentFilter, Sources, lower_priority, parent_of,
};
use bygone_vault::lock::LockKind;
use bygone_vault::{
    Compression, Error, ErrorKind, NodeTime, Repository, Result, Snapshot, SnapshotFilter, SnapshotSpec, WriteOptions,
    Writer,
};
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::exit::Outcome;
use crate::global::Global;
use crate::interrupt;
use crate::open::{Opening, cache_dir};
use crate::password::variable;
use crate::when::parse_moment;
use crate::writing::{LockArgs, Writing};
use rules::RuleArgs;
use show::Show;
use sources::SourceArgs;

/// Bytes in a unit of --pack-size.
const MIB: u32 = 1 << 20;
/// What --pack-size may be, in MiB, as restic bounds it.
const PACK_MIB: std::ops::RangeInclusive<i64> = 4..=128;

/// Save files and folders as a new snapshot
///
/// What has not changed since the snapshot before is not read again. What cannot be read is told of and left out, and the exit
/// code is 3 then. The snapshot is what restic would have made, and restic goes on from it.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    sources: SourceArgs,
    #[command(flatten)]
    rules: RuleArgs,
    /// A label of the snapshot (may be repeated)
    #[arg(long = "tag", value_name = "TAG[,TAG…]")]
    tags: Vec<String>,
    /// The name of the source [default: this machine's; env: BYGONE_HOST, RESTIC_HOST]
    #[arg(short = 'H', long, value_name = "NAME")]
    host: Option<String>,
    /// When the snapshot was taken [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    time: Option<Timestamp>,
    /// The snapshot to compare with [default: the newest of the same host and paths]
    #[arg(long, value_name = "SNAPSHOT")]
    parent: Option<String>,
    /// Read every file, whatever the snapshot before has
    #[arg(short, long, conflicts_with = "parent")]
    force: bool,
    /// What the snapshot before must have in common with this one: host, paths, tags, or nothing at all
    #[arg(short, long, value_name = "WHAT[,WHAT…]", default_value = "host,paths")]
    group_by: String,
    /// A file is unchanged although its inode number and time of attributes have changed
    #[arg(long)]
    ignore_inode: bool,
    /// A file is unchanged although the time of its attributes has changed
    #[arg(long)]
    ignore_ctime: bool,
    /// Save times of access
    #[arg(long)]
    with_atime: bool,
    /// Take no snapshot that would be equal to the one before
    #[arg(long)]
    skip_if_unchanged: bool,
    /// Show what would be done, and write nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Files to read at once [default: 2; env: RESTIC_READ_CONCURRENCY]
    #[arg(long, value_name = "COUNT")]
    read_concurrency: Option<usize>,
    /// How hard to compress: off, fastest, auto, better, max [default: auto; env: RESTIC_COMPRESSION]
    #[arg(long, value_name = "HOW")]
    compression: Option<Compression>,
    /// MiB that a pack is filled with [default: 16; env: RESTIC_PACK_SIZE]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(PACK_MIB))]
    pack_size: Option<u32>,
    /// Do not count files beforehand: there is no time left to show then
    #[arg(long)]
    no_scan: bool,
    /// Let other programs compute first: 0 to 19
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i32).range(0..=19))]
    nice: Option<i32>,
    /// Let other programs read first: idle (whenever they want to), best-effort (by turns)
    #[arg(long, value_name = "CLASS", value_parser = parse_io_class)]
    io_class: Option<IoClass>,
    #[command(flatten)]
    lock: LockArgs,
}

fn parse_io_class(text: &str) -> Result<IoClass, String> {
    match text {
        "idle" => Ok(IoClass::Idle),
        "best-effort" => Ok(IoClass::BestEffort),
        _ => Err("it is idle or best-effort".to_owned()),
    }
}

/// A repository that is open, and where what is added to it goes.
struct Target<'a> {
    repository: &'a Repository,
    storage: SharedStorage,
    token: &'a CancelToken,
}

impl Backup {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        if self.nice.is_some() || self.io_class.is_some() {
            lower_priority(self.nice, self.io_class)?;
        }
        let begun = Timestamp::now();
        let show = Show::new(global)?;
        let sources = self.sources.find(&show)?;
        let excludes = self.rules.read(cache_dir(global)?)?;
        let opening = Opening::prepare(global)?;
        let done = if self.dry_run {
            let repository = opening.open()?;
            let token = CancelToken::new();
            interrupt::pulls(&token);
            let storage = discard(repository.backend().clone());
            self.back_up(&Target { repository: &repository, storage, token: &token }, sources, excludes, begun, &show)
        } else {
            let writing = Writing::open_prepared(&opening, LockKind::Shared, &self.lock)?;
            let (storage, token) = (writing.storage.clone(), writing.token.clone());
            let repository = writing.repository.clone();
            let target = Target { repository: &repository, storage, token: &token };
            writing.finish(self.back_up(&target, sources, excludes, begun, &show))
        };
        done.map_err(|error| match error.kind() {
            // Wrong usage is told before; what the storage or the files say is a failure.
            ErrorKind::Cancelled => Error::new(ErrorKind::Cancelled, "interrupted: no snapshot was taken"),
            _ => error,
        })?;
        show.finish()?;
        Ok(Outcome::after(show.problems()))
    }

    fn back_up(
        &self,
        target: &Target<'_>,
        sources: sources::Found,
        excludes: capture::Excludes,
        begun: Timestamp,
        show: &Show,
    ) -> Result<()> {
        let time = self.time.unwrap_or(begun);
        let host = self.host()?;
        let paths = sources.paths()?;
        let tags = self.tags();
        let parent = self.parent(target.repository, &sources, &host, &paths, &tags, time)?;
        let options = self.options(excludes, parent.as_deref())?;
        let writer = Writer::start(target.repository, target.storage.clone(), &self.write_options()?)?;
        let capture = Capture {
            repository: target.repository,
            writer: &writer,
            options: &options,
            watcher: show,
            token: target.token,
        };
        let captured = show.running(|| match sources {
            sources::Found::Files(files) => self.files(&capture, &files, show),
            sources::Found::Piped { place, what } => {
                what.open(target.token).and_then(|reader| capture.reader(&place, reader, NodeTime::from(time)))
            }
        })?;
        let zone = TimeZone::system();
        let draft = Draft {
            time,
            zone,
            parent: parent.as_ref().map(|parent| parent.id),
            paths,
            host,
            tags,
            excludes: self.rules.patterns().to_vec(),
            begun,
        };
        let id = self.save(target.repository, &writer, &captured, &draft, parent.as_deref(), show)?;
        tracing::debug!(?id, written = ?writer.written(), "saved");
        Ok(())
    }

    fn files(&self, capture: &Capture<'_>, files: &Sources, show: &Show) -> Result<Captured> {
        if self.no_scan || !show.wants_total() {
            return capture.files(files);
        }
        // A scan that is no longer needed must not be waited for.
        let scan_token = CancelToken::new();
        std::thread::scope(|scope| {
            let scan = || capture::scan::count(files, capture.options, show, &scan_token);
            let scanning = std::thread::Builder::new().name("scan".to_owned()).spawn_scoped(scope, scan);
            if let Err(error) = &scanning {
                tracing::debug!(%error, "there is no thread to count files by");
            }
            let captured = capture.files(files);
            scan_token.cancel();
            captured
        })
    }

    fn save(
        &self,
        repository: &Repository,
        writer: &Writer,
        captured: &Captured,
        draft: &Draft,
        parent: Option<&Snapshot>,
        show: &Show,
    ) -> Result<Option<SnapshotId>> {
        let summary = capture::save::complete(writer, captured, draft)?;
        let is_unchanged = parent.is_some_and(|parent| parent.tree == captured.tree);
        let id = if self.dry_run || (self.skip_if_unchanged && is_unchanged) {
            None
        } else {
            Some(capture::save(repository, writer, captured, draft, &summary)?)
        };
        show.summary(&summary, id, self.dry_run)?;
        Ok(id)
    }

    fn host(&self) -> Result<String> {
        if let Some(host) = &self.host {
            return Ok(host.clone());
        }
        for name in ["BYGONE_HOST", "RESTIC_HOST"] {
            if let Some(host) = variable(name)? {
                return Ok(host);
            }
        }
        Ok(capture::machine_name())
    }

    /// Each once, in the order in which they were given.
    fn tags(&self) -> Vec<String> {
        let mut tags: Vec<String> = Vec::new();
        for tag in self.tags.iter().flat_map(|tags| tags.split(',')).map(str::trim).filter(|tag| !tag.is_empty()) {
            if !tags.iter().any(|known| known == tag) {
                tags.push(tag.to_owned());
            }
        }
        tags
    }

    fn parent(
        &self,
        repository: &Repository,
        sources: &sources::Found,
        host: &str,
        paths: &[String],
        tags: &[String],
        time: Timestamp,
    ) -> Result<Option<Arc<Snapshot>>> {
        if self.force || matches!(sources, sources::Found::Piped { .. }) {
            return Ok(None);
        }
        if let Some(named) = &self.parent {
            let spec: SnapshotSpec = named.parse()?;
            return spec.select(&repository.snapshots(), &SnapshotFilter::default()).cloned().map(Some);
        }
        let mut filter = ParentFilter::default();
        for group in self.group_by.split(',').map(str::trim).filter(|group| !group.is_empty()) {
            match group {
                "host" | "hosts" => filter.host = Some(host.to_owned()),
                "path" | "paths" => filter.paths = paths.to_vec(),
                "tag" | "tags" => filter.tags = Some(tags.to_vec()),
                _ => {
                    let sentence = format!("{group:?} is nothing to group by: host, paths or tags");
                    return Err(Error::new(ErrorKind::InvalidInput, sentence));
                }
            }
        }
        Ok(parent_of(repository, &filter, time))
    }

    fn options(&self, excludes: capture::Excludes, parent: Option<&Snapshot>) -> Result<Options> {
        let read_concurrency = match self.read_concurrency {
            Some(count) => count,
            None => variable("RESTIC_READ_CONCURRENCY")?
                .and_then(|text| text.parse().ok())
                .unwrap_or(capture::READ_CONCURRENCY_DEFAULT),
        };
        Ok(Options {
            excludes,
            before: parent.map(|parent| parent.tree),
            // What has another inode number has been copied or restored: its attributes are newer than its content.
            ignore_ctime: self.ignore_ctime || self.ignore_inode,
            ignore_inode: self.ignore_inode,
            with_atime: self.with_atime,
            read_concurrency,
            ..Options::default()
        })
    }

    fn write_options(&self) -> Result<WriteOptions> {
        let mut options = WriteOptions::default();
        if let Some(compression) = self.compression {
            options.compression = compression;
        } else if let Some(text) = variable("RESTIC_COMPRESSION")? {
            options.compression = text.parse()?;
        }
        let mib = match self.pack_size {
            Some(mib) => Some(mib),
            None => variable("RESTIC_PACK_SIZE")?.and_then(|text| text.parse().ok()),
        };
        if let Some(mib) = mib {
            if !PACK_MIB.contains(&i64::from(mib)) {
                let sentence = format!("packs of {mib} MiB are not possible: 4 to 128 MiB are");
                return Err(Error::new(ErrorKind::InvalidInput, sentence));
            }
            options.pack_bytes = mib * MIB;
        }
        Ok(options)
    }
}
