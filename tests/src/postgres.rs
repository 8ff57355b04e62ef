//! A real PostgreSQL: one cluster for a whole run of tests when the test command started it, else one of the test's own;
//! a database of its own for each test either way.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::ports;
use crate::process::Process;

/// Names the port of the cluster that the test command started.
pub const SHARED_PORT_VARIABLE: &str = "BYGONE_TEST_POSTGRES_PORT";

/// The user that may do everything; connections of loopback are trusted.
const SUPERUSER: &str = "app";

/// Connections of one cluster at most: those of all tests that run at once.
const CONNECTIONS_MAX: u32 = 400;

/// A cluster.
#[derive(Debug)]
pub struct Postgres {
    port: u16,
    own: Option<Own>,
}

/// What this process started, and stops.
#[derive(Debug)]
struct Own {
    process: Option<Process>,
    folder: tempfile::TempDir,
}

impl Postgres {
    /// The cluster of the test command, or a new one.
    pub fn shared() -> Self {
        match env::var(SHARED_PORT_VARIABLE).ok().and_then(|port| port.parse().ok()) {
            Some(port) => Self { port, own: None },
            None => Self::start(),
        }
    }

    /// A cluster of the caller's own, which may be stopped and started again.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut folders = Command::new("chown");
        if rustix::process::geteuid().is_root() {
            run(folders.arg("postgres").arg(folder.path()));
        }
        run(as_server(&program("initdb")).current_dir(folder.path()).arg("-D").arg(folder.path().join("data")).args([
            "-U",
            SUPERUSER,
            "--auth=trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]));
        let mut cluster = Self { port: ports::free(), own: Some(Own { process: None, folder }) };
        cluster.start_again();
        cluster
    }

    /// Starts the cluster after [`stop`](Self::stop), at the same address and with the same content.
    pub fn start_again(&mut self) {
        let port = self.port;
        let Some(own) = &mut self.own else { panic!("the cluster of the test command is not this test's to start") };
        let folder = own.folder.path();
        let mut process = Process::start(
            as_server(&program("postgres"))
                .current_dir(folder)
                .arg("-D")
                .arg(folder.join("data"))
                .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c"])
                .arg(format!("unix_socket_directories={}", folder.display()))
                // What was committed outlives `stop`, though not the machine.
                .args(["-c", "fsync=off", "-c", "full_page_writes=off", "-c"])
                .arg(format!("max_connections={CONNECTIONS_MAX}")),
            &folder.join("log"),
        );
        process.wait_until_ready(|| {
            let mut ready = Command::new(program("pg_isready"));
            ready.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]).status().unwrap().success()
        });
        own.process = Some(process);
    }

    /// Stops the cluster as a power cut would, but for the memory it shares.
    pub fn stop(&mut self) {
        let Some(own) = &mut self.own else { return };
        if let Some(mut process) = own.process.take() {
            let mut stop = as_server(&program("pg_ctl"));
            stop.current_dir(own.folder.path()).arg("-D").arg(own.folder.path().join("data"));
            // If it has ended already, there is nothing to stop.
            stop.args(["-m", "immediate", "stop"]).output().ok();
            process.kill();
        }
    }

    /// The port of loopback it listens on.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a new, empty database.
    pub fn database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        run(Command::new(program("psql"))
            .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", SUPERUSER, "-d", "postgres", "-c"])
            .arg(format!("create database {name}")));
        format!("postgres://{SUPERUSER}@127.0.0.1:{}/{name}", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The server refuses to run as root: then it runs as the user that its package made.
fn as_server(program: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env"]).arg(program);
    command
}

/// A program of the newest PostgreSQL that Debian installed.
fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let version = |path: &Path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let newest = versions
        .map(|entry| entry.path())
        .filter(|path| path.join("bin/postgres").exists())
        .max_by_key(|path| version(path));
    newest.map_or_else(
        || panic!("PostgreSQL is not installed: run `cargo xtask setup`"),
        |path| path.join("bin").join(name),
    )
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("start {command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
