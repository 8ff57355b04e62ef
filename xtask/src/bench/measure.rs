//! Taking single measures.

use super::machine;
use crate::generate::chance::Chance;
use crate::process::{self, ended, shown};
use crate::signals::{self, Running};
use anyhow::{Context, Result, bail};
use rustix::process::Pid;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Bytes of one random read.
const RANDOM_READ_BYTES: usize = 4096;
/// How long random reads go on.
pub(crate) const RANDOM_READ_SECONDS: u64 = 10;
const SEED: u64 = 99;

/// What a program took.
pub(crate) struct Run {
    pub(crate) seconds: f64,
    /// The most memory it had resident at once, in MiB.
    pub(crate) peak_mib: f64,
}

/// Runs a program to its end; what it prints is thrown away, through a pipe: programs such as grep stop early when they
/// see that nobody reads.
pub(crate) fn timed(command: &mut Command) -> Result<Run> {
    let log = tempfile::tempfile().context("creating a file for what a program says")?;
    let said = log.try_clone().context("a second handle of a file")?;
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(said);
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot start `{}`", shown(command)))?;
    let running = Running::new(&child);
    if let Some(mut output) = child.stdout.take() {
        let mut block = vec![0; 1 << 16];
        while output.read(&mut block).context("reading what a program prints")? > 0 {}
    }
    let (status, peak_mib) = waited(child.id())?;
    let seconds = start.elapsed().as_secs_f64();
    drop(running);
    signals::check()?;
    if !status.success() {
        let mut said = vec![0; 2000];
        let len = log.read_at(&mut said, 0).unwrap_or_default();
        said.truncate(len);
        let said = String::from_utf8_lossy(&said);
        bail!("`{}` {}: {}", shown(command), ended(status), said.lines().last().unwrap_or_default());
    }
    Ok(Run { seconds, peak_mib })
}

/// Waits for a child and returns how it ended and the most memory it had resident, in MiB.
#[allow(unsafe_code)]
fn waited(child: u32) -> Result<(ExitStatus, f64)> {
    let pid = libc::pid_t::try_from(child).context("a process id")?;
    let mut status = 0;
    // SAFETY: all zeros are a valid value of this structure of numbers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers lead to values that live until the call returns.
    let result = unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) };
    if result != pid {
        return Err(std::io::Error::last_os_error()).context("waiting for a program");
    }
    Ok((ExitStatus::from_raw(status), usage.ru_maxrss as f64 / 1024.0))
}

/// The most memory that a running process has had resident, in MiB.
pub(crate) fn peak_mib(pid: Pid) -> Result<f64> {
    let path = format!("/proc/{}/status", pid.as_raw_nonzero());
    let status = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    kib.map(|kib| kib / 1024.0).with_context(|| format!("no VmHWM in {path}"))
}

/// Writes what is dirty and forgets what the kernel has cached.
pub(crate) fn drop_caches() -> Result<()> {
    process::output(&mut Command::new("sync"))?;
    fs::write("/proc/sys/vm/drop_caches", "3").context("dropping the kernel's caches")
}

/// Brings a folder's files into the kernel's cache.
pub(crate) fn cache(folder: &Path) -> Result<()> {
    let mut block = vec![0; 1 << 20];
    for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
        let path = entry.with_context(|| format!("listing {}", folder.display()))?.path();
        if path.is_dir() {
            cache(&path)?;
        } else {
            let mut file = File::open(&path).with_context(|| format!("opening {}", path.display()))?;
            while file.read(&mut block).with_context(|| format!("reading {}", path.display()))? > 0 {}
        }
    }
    signals::check()
}

/// How a file is read at random.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offsets {
    /// Never the same place twice, as far as chance goes.
    New,
    /// The first this many offsets of [`Offsets::New`], over and over.
    Again(u64),
}

/// What random reads came to.
pub(crate) struct RandomReads {
    pub(crate) count: u64,
    pub(crate) per_second: f64,
}

/// Reads 4 KiB at places that chance gives, one after the other, for some seconds.
pub(crate) fn random_reads(path: &Path, offsets: Offsets) -> Result<RandomReads> {
    let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
    let blocks =
        file.metadata().with_context(|| format!("looking at {}", path.display()))?.len() / RANDOM_READ_BYTES as u64;
    let mut block = [0; RANDOM_READ_BYTES];
    let mut chance = Chance::new(SEED);
    let mut count = 0;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(RANDOM_READ_SECONDS) {
        match offsets {
            Offsets::Again(first) if count % first.max(1) == 0 => chance = Chance::new(SEED),
            Offsets::New | Offsets::Again(_) => {}
        }
        let offset = chance.below(blocks.max(1)) * RANDOM_READ_BYTES as u64;
        file.read_exact_at(&mut block, offset).with_context(|| format!("reading {} at {offset}", path.display()))?;
        count += 1;
    }
    signals::check()?;
    Ok(RandomReads { count, per_second: count as f64 / start.elapsed().as_secs_f64() })
}

/// Seconds until the first names of a folder are there, then all; and how many there are.
pub(crate) struct Listing {
    pub(crate) first_seconds: f64,
    pub(crate) all_seconds: f64,
    pub(crate) count: usize,
}

/// Lists a folder by name only.
pub(crate) fn names(folder: &Path, first: usize) -> Result<Listing> {
    let start = Instant::now();
    let mut listing = Listing { first_seconds: 0.0, all_seconds: 0.0, count: 0 };
    for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
        entry.with_context(|| format!("listing {}", folder.display()))?;
        listing.count += 1;
        if listing.count == first {
            listing.first_seconds = start.elapsed().as_secs_f64();
        }
    }
    listing.all_seconds = start.elapsed().as_secs_f64();
    signals::check()?;
    Ok(listing)
}

/// A folder in memory where there is one, so that writing costs as little as possible; on disk otherwise.
pub(crate) fn scratch(disk: &Path) -> Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    let place = if machine::is_memory(memory) { memory } else { disk };
    tempfile::Builder::new()
        .prefix("bygone-bench-")
        .tempdir_in(place)
        .with_context(|| format!("creating a folder in {}", place.display()))
}
