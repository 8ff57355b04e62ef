//! Mounts a repository and serves it until it is unmounted: a process of its own, for tests that kill it.
//!
//! `serve [--background] REPOSITORY MOUNTPOINT [SNAPSHOT[:PATH]]`, with the password in RESTIC_PASSWORD. Prints `ready`,
//! and at the end how many messages came.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::process::ExitCode;

use bygone_common::Secret;
use bygone_fs::daemon::{self, Launched, Side};
use bygone_fs::{MountOptions, Mounted, View};
use bygone_vault::backend::{self, BackendOptions};
use bygone_vault::{Engine, EngineOptions, OpenOptions, Repository, Result, SnapshotAndPath, SnapshotFilter, Unlock};

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let background = arguments.first().is_some_and(|argument| argument == "--background");
    if background {
        arguments.remove(0);
    }
    if !background {
        return match mount(&arguments) {
            Ok(mounted) => {
                println!("ready");
                serve(mounted)
            }
            Err(error) => fail(&error.chain()),
        };
    }
    match daemon::detach().unwrap() {
        Side::Foreground(Launched::Ready) => ExitCode::SUCCESS,
        Side::Foreground(Launched::Failed { exit_code, message }) => {
            eprintln!("{message}");
            ExitCode::from(exit_code)
        }
        Side::Background(readiness) => match mount(&arguments) {
            Ok(mounted) => {
                readiness.ready().unwrap();
                serve(mounted)
            }
            Err(error) => {
                readiness.failed(7, &error.chain());
                ExitCode::FAILURE
            }
        },
    }
}

fn mount(arguments: &[String]) -> Result<Mounted> {
    let [repository, mountpoint, rest @ ..] = arguments else { panic!("serve REPOSITORY MOUNTPOINT [SNAPSHOT]") };
    let mut options = MountOptions::new(mountpoint, View::all());
    options.keep_clear = vec![PathBuf::from(repository)];
    if let Some(snapshot) = rest.first() {
        let SnapshotAndPath { snapshot, path } = snapshot.parse()?;
        options.view = View::Snapshot { snapshot, path, filter: SnapshotFilter::default() };
    }
    let engine = Engine::start(EngineOptions::default())?;
    let backend = backend::open(&repository.parse()?, &BackendOptions::default())?.backend;
    let unlock = Unlock::Password(Secret::new(std::env::var("RESTIC_PASSWORD").unwrap()));
    let cache_dir = std::env::var_os("BYGONE_CACHE_DIR").map(PathBuf::from);
    let repository = Repository::open(&engine, backend, unlock, OpenOptions { cache_dir, ..OpenOptions::default() })?;
    bygone_fs::mount(&repository, options)
}

fn serve(mounted: Mounted) -> ExitCode {
    let watch = mounted.watch_messages();
    match mounted.wait() {
        Ok(ended) => {
            let counts: Vec<_> = watch().into_iter().filter(|(_, count)| *count > 0).collect();
            println!("{ended:?} {counts:?}");
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error.chain()),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::FAILURE
}
