//! `bygone`: mount, search, read and restore the snapshots of a restic repository.
//!
//! Read in this order: [`args`] (what can be said), [`open`] (from options to an open repository), [`run`] (which verb
//! is whose), then any verb: each has a file of its name.

#[cfg(feature = "agent")]
mod agent;
mod args;
#[cfg(feature = "server")]
mod audit;
mod backup;
mod cat;
mod check;
mod completions;
mod console;
mod copy;
mod debug;
#[cfg(all(unix, feature = "demo"))]
mod demo;
mod diff;
mod drive;
mod exit;
mod find;
mod forget;
mod from;
mod global;
mod history;
mod hold;
mod init;
mod interrupt;
mod json;
mod key;
mod leased;
mod listing;
mod lock;
mod locks;
mod login;
mod ls;
mod man;
mod mirror;
#[cfg(feature = "mount")]
mod mount;
mod open;
mod output;
mod password;
mod progress;
mod prune;
mod repair;
mod restore;
mod run;
#[cfg(feature = "server")]
mod secrets;
mod selection;
#[cfg(feature = "server")]
mod serve;
#[cfg(feature = "server")]
mod server_config;
mod snapshots;
mod stats;
mod storage;
mod tag;
mod tar;
mod units;
mod version;
mod when;
mod worm;
mod writing;

fn main() -> std::process::ExitCode {
    run::main()
}
