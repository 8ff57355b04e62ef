//! The command line: one variant for each verb; what a verb takes is declared beside what it does.

use clap::{Parser, Subcommand};

use crate::global::Global;

/// Take, mount, search, read and restore snapshots in restic repositories.
///
/// A snapshot is named by `latest`, `latest~2` (two before it), the start of its id, or `@2026-11-01T10:00` (the newest
/// not after that moment); SNAPSHOT:PATH names a file or folder in it.
///
/// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 finished, but some files could not be read or written, 11 locked by
/// another program, 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "bygone", disable_version_flag = true, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    /// Print the version; with --verbose, what it is made of.
    #[arg(short = 'V', long)]
    pub(crate) version: bool,
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    #[cfg(feature = "mount")]
    Mount(crate::mount::Mount),
    #[cfg(feature = "mount")]
    Umount(crate::mount::Umount),
    Login(crate::login::Login),
    Logout(crate::login::Logout),
    Snapshots(crate::snapshots::Snapshots),
    Ls(crate::ls::Ls),
    Cat(crate::cat::Cat),
    Tar(crate::tar::Tar),
    Find(crate::find::Find),
    Diff(crate::diff::Diff),
    History(crate::history::History),
    Stats(crate::stats::Stats),
    Restore(crate::restore::Restore),
    Backup(Box<crate::backup::Backup>),
    Init(crate::init::Init),
    Key(crate::key::Key),
    Forget(crate::forget::Forget),
    Hold(crate::hold::Hold),
    Tag(crate::tag::Tag),
    Locks(crate::locks::Locks),
    Mirror(crate::mirror::Mirror),
    Prune(crate::prune::Prune),
    Copy(crate::copy::Copy),
    Worm(crate::worm::Worm),
    Check(crate::check::Check),
    Repair(crate::repair::Repair),
    Unlock(crate::lock::Unlock),
    Lock(crate::lock::Lock),
    #[cfg(feature = "agent")]
    Agent(crate::agent::Agent),
    #[cfg(feature = "server")]
    Serve(crate::serve::Serve),
    #[cfg(feature = "server")]
    Audit(crate::audit::Audit),
    #[cfg(feature = "server")]
    Secrets(crate::secrets::Secrets),
    #[cfg(all(unix, feature = "demo"))]
    Demo(crate::demo::Demo),
    Completions(crate::completions::Completions),
    Man(crate::man::Man),
    #[command(hide = true)]
    Debug(crate::debug::Debug),
}

impl Verb {
    /// Whether it serves until somebody ends it.
    pub(crate) fn goes_on(&self) -> bool {
        match self {
            #[cfg(feature = "mount")]
            Self::Mount(_) => true,
            #[cfg(feature = "mount")]
            Self::Umount(_) => false,
            #[cfg(feature = "agent")]
            Self::Agent(agent) => agent.goes_on(),
            #[cfg(feature = "server")]
            Self::Serve(_) => true,
            #[cfg(feature = "server")]
            Self::Audit(_) | Self::Secrets(_) => false,
            #[cfg(all(unix, feature = "demo"))]
            Self::Demo(_) => true,
            Self::Login(_)
            | Self::Logout(_)
            | Self::Snapshots(_)
            | Self::Ls(_)
            | Self::Cat(_)
            | Self::Tar(_)
            | Self::Find(_)
            | Self::Diff(_)
            | Self::History(_)
            | Self::Stats(_)
            | Self::Restore(_)
            | Self::Backup(_)
            | Self::Init(_)
            | Self::Key(_)
            | Self::Forget(_)
            | Self::Hold(_)
            | Self::Tag(_)
            | Self::Locks(_)
            | Self::Mirror(_)
            | Self::Prune(_)
            | Self::Copy(_)
            | Self::Worm(_)
            | Self::Check(_)
            | Self::Repair(_)
            | Self::Unlock(_)
            | Self::Lock(_)
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Debug(_) => false,
        }
    }
}
