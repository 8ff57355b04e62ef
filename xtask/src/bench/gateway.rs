//! `bench gateway`: stock restic through the server's gateway, and over the same folder directly (`raw`); with rclone's REST
//! server beside them, where it is installed. Then how soon a server answers, and 32 of them at once, and what memory the server
//! takes for it.
//!
//! The columns mean here: `bygone` is restic through Bygone's gateway, `restic` is restic over the folder itself.

use super::data::{self, Set};
use super::peers::Peer;
use super::table::{Table, Unit};
use super::{Stage, measure};
use crate::signals::{self, Running};
use crate::{folders, process};
use anyhow::{Context, Result, ensure};
use rustix::process::Pid;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// Clients at once.
const CLIENTS: usize = 32;
/// Memory that the server may take for them, in MiB.
const MEMORY_MIB_MAX: f64 = 400.0;
/// Seconds that a server may take from nothing to answering.
const COLD_START_SECONDS_MAX: f64 = 1.0;
/// How long a server may take to start.
const START_MAX: Duration = Duration::from_secs(30);

/// A repository behind the gateway.
struct Behind {
    url: String,
    username: String,
    password: String,
}

impl Behind {
    fn restic(&self, stage: &Stage) -> Result<Command> {
        let mut command = data::restic(stage, Path::new(&self.url))?;
        command.env("RESTIC_REST_USERNAME", &self.username).env("RESTIC_REST_PASSWORD", &self.password);
        Ok(command)
    }
}

/// A running server.
struct Gateway {
    child: Child,
    input: Option<ChildStdin>,
    repositories: Vec<Behind>,
    _running: Running,
}

impl Gateway {
    fn start(stage: &Stage, data: &Path, repositories: usize) -> Result<Self> {
        let mut command = stage.tools.command(folders::target()?.join("release/examples/gateway"))?;
        command.arg(data).args(vec!["local"; repositories]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot start the server")?;
        let running = Running::new(&child);
        let mut lines = BufReader::new(child.stdout.take().context("the server's output")?).lines();
        let mut behind = Vec::new();
        loop {
            let line = lines.next().context("the server ended")?.context("reading what the server says")?;
            if line == "ready" {
                break;
            }
            let said: Value = serde_json::from_str(&line).context("the server says no JSON")?;
            let text = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
            behind.push(Behind { url: text("url"), username: text("username"), password: text("password") });
        }
        let input = child.stdin.take();
        Ok(Self { child, input, repositories: behind, _running: running })
    }

    fn first(&self) -> Result<&Behind> {
        self.repositories.first().context("a repository behind the gateway")
    }

    fn peak_mib(&self) -> Result<f64> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("a process id")?;
        measure::peak_mib(pid)
    }

    fn stop(mut self) -> Result<()> {
        drop(self.input.take());
        let status = self.child.wait().context("waiting for the server")?;
        ensure!(status.success(), "the server {}", process::ended(status));
        Ok(())
    }
}

/// A running `rclone serve restic`.
struct Rclone {
    child: Child,
    url: String,
    _running: Running,
}

impl Rclone {
    fn start(stage: &Stage, folder: &Path) -> Result<Option<Self>> {
        let program = stage.tools.program("rclone");
        if !program.exists() {
            return Ok(None);
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr())?.port();
        let mut command = stage.tools.command(program)?;
        command.args(["serve", "restic", "--config", "/dev/null", "--addr", &format!("127.0.0.1:{port}")]).arg(folder);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("cannot start rclone")?;
        let running = Running::new(&child);
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            ensure!(begun.elapsed() < START_MAX, "rclone does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(Some(Self { child, url: format!("rest:http://127.0.0.1:{port}/"), _running: running }))
    }

    fn stop(mut self) -> Result<()> {
        self.child.kill().context("ending rclone")?;
        self.child.wait().context("waiting for rclone").map(drop)
    }
}

pub(crate) fn run(stage: &Stage, table: &mut Table) -> Result<()> {
    for kind in [Set::Source, Set::Big].into_iter().filter(|kind| stage.uses(*kind)) {
        let set = data::prepare(stage, kind)?;
        for round in 0..stage.options.rounds {
            // Each round begins with another, so that none always runs on a machine at rest.
            let mut ways: [Way; WAYS] = [Way::Gateway, Way::Direct, Way::Rclone];
            ways.rotate_left(round % WAYS);
            for way in ways {
                one(stage, table, way, kind, &set.raw)?;
            }
        }
    }
    if stage.wants("start") {
        for _ in 0..stage.options.rounds {
            cold_start(stage, table)?;
        }
    }
    if stage.wants("memory") {
        many(stage, table)?;
    }
    Ok(())
}

/// From an empty folder, and a program that nothing has read yet, to a server that answers: its database, keys and authority
/// are made on the way.
fn cold_start(stage: &Stage, table: &mut Table) -> Result<()> {
    let folder = folder(stage)?;
    measure::drop_caches()?;
    let begun = Instant::now();
    let gateway = Gateway::start(stage, folder.path(), 0)?;
    let seconds = begun.elapsed().as_secs_f64();
    gateway.stop()?;
    table.add("cold start to ready", Unit::Seconds, Peer::Bygone, seconds);
    let verdict = if seconds <= COLD_START_SECONDS_MAX { "within" } else { "above" };
    table
        .note(format!("{seconds:.2} s from nothing to a server that answers: {verdict} {COLD_START_SECONDS_MAX:.0} s"));
    folder.close().context("removing what the server made")
}

/// Ways from restic to a folder.
const WAYS: usize = 3;

#[derive(Clone, Copy)]
enum Way {
    Gateway,
    Direct,
    Rclone,
}

/// One backup and one restore of a set.
fn one(stage: &Stage, table: &mut Table, way: Way, kind: Set, raw: &Path) -> Result<()> {
    let folder = folder(stage)?;
    match way {
        Way::Gateway => {
            let gateway = Gateway::start(stage, folder.path(), 1)?;
            let restic = || gateway.first()?.restic(stage);
            there_and_back(stage, raw, restic, |measure, unit, value| {
                table.add(&format!("{measure} of {}", kind.name()), unit, Peer::Bygone, value);
            })?;
            gateway.stop()?;
        }
        Way::Direct => {
            let repository = folder.path().join("repository");
            there_and_back(
                stage,
                raw,
                || data::restic(stage, &repository),
                |measure, unit, value| {
                    table.add(&format!("{measure} of {}", kind.name()), unit, Peer::Restic, value);
                },
            )?;
        }
        Way::Rclone => {
            let Some(rclone) = Rclone::start(stage, &folder.path().join("served"))? else { return Ok(()) };
            let url = PathBuf::from(&rclone.url);
            there_and_back(
                stage,
                raw,
                || data::restic(stage, &url),
                |measure, unit, value| {
                    table.add(
                        &format!("{measure} of {}, by rclone serve restic", kind.name()),
                        unit,
                        Peer::Restic,
                        value,
                    );
                },
            )?;
            rclone.stop()?;
        }
    }
    folder.close().context("removing a repository")
}

fn folder(stage: &Stage) -> Result<tempfile::TempDir> {
    tempfile::Builder::new().prefix("gw-").tempdir_in(&stage.root).context("creating a folder for a repository")
}

fn there_and_back(
    stage: &Stage,
    raw: &Path,
    restic: impl Fn() -> Result<Command>,
    mut add: impl FnMut(&str, Unit, f64),
) -> Result<()> {
    process::output(restic()?.arg("init"))?;
    measure::drop_caches()?;
    measure::cache(raw)?;
    let there = measure::timed(restic()?.args(["backup", "--host", "bench"]).arg(raw))?;
    add("backup", Unit::Seconds, there.seconds);
    let target = folder(stage)?;
    measure::drop_caches()?;
    let back = measure::timed(restic()?.args(["restore", "latest", "--target"]).arg(target.path().join("target")))?;
    add("restore", Unit::Seconds, back.seconds);
    target.close().context("removing what was restored")
}

/// Many clients at once: each its own repository, the same files, and everything of them sent.
fn many(stage: &Stage, table: &mut Table) -> Result<()> {
    let set = data::prepare(stage, Set::Source)?;
    let folder = folder(stage)?;
    let gateway = Gateway::start(stage, folder.path(), CLIENTS)?;
    for behind in &gateway.repositories {
        process::output(behind.restic(stage)?.arg("init"))?;
    }
    table.add("memory of the server, idle", Unit::PeakMebibytes, Peer::Bygone, gateway.peak_mib()?);
    let raw = set.raw.as_os_str();
    let seconds = at_once(stage, &gateway, |command, _| command.args(["backup", "--host", "bench"]).arg(raw))?;
    table.add(&format!("{CLIENTS} backups of source at once"), Unit::Seconds, Peer::Bygone, seconds);
    let targets = self::folder(stage)?;
    let seconds = at_once(stage, &gateway, |command, number| {
        // One folder of it is enough to read packs from all over the repository, and fits 32 times on a disk.
        command.args(["restore", "latest", "--target"]).arg(targets.path().join(number.to_string()))
    })?;
    table.add(&format!("{CLIENTS} restores of source at once"), Unit::Seconds, Peer::Bygone, seconds);
    targets.close().context("removing what was restored")?;
    let peak = gateway.peak_mib()?;
    table.add(&format!("memory of the server, {CLIENTS} clients"), Unit::PeakMebibytes, Peer::Bygone, peak);
    let verdict = if peak <= MEMORY_MIB_MAX { "within" } else { "above" };
    table
        .note(format!("{peak:.0} MiB of the server's memory for {CLIENTS} clients: {verdict} {MEMORY_MIB_MAX:.0} MiB"));
    gateway.stop()?;
    folder.close().context("removing repositories")
}

/// Runs restic for every repository at once; answers how long all of them took.
fn at_once(
    stage: &Stage,
    gateway: &Gateway,
    with: impl for<'a> Fn(&'a mut Command, usize) -> &'a mut Command,
) -> Result<f64> {
    let begun = Instant::now();
    let mut clients = Vec::new();
    for (number, behind) in gateway.repositories.iter().enumerate() {
        let mut command = behind.restic(stage)?;
        with(&mut command, number).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().context("cannot start restic")?;
        clients.push((Running::new(&child), child));
    }
    for (_running, mut client) in clients {
        let status = client.wait().context("waiting for restic")?;
        ensure!(status.success(), "one of the clients {}", process::ended(status));
    }
    signals::check()?;
    Ok(begun.elapsed().as_secs_f64())
}
