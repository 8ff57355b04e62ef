//! The programs that are compared, and how each is called for the same thing.

use super::data::{self, PASSWORD, Prepared};
use super::{Stage, machine};
use crate::folders;
use crate::mount::Mount;
use crate::setup::Tools;
use anyhow::{Context, Result};
use clap::ValueEnum;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program, or the folder itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, ValueEnum)]
pub(crate) enum Peer {
    /// The files themselves, without any repository
    Raw,
    Bygone,
    Restic,
    Rustic,
}

/// All, in the order of the tables' columns.
pub(crate) const ALL: &[Peer] = &[Peer::Raw, Peer::Bygone, Peer::Restic, Peer::Rustic];
/// Those that read repositories.
pub(crate) const READERS: &[Peer] = &[Peer::Bygone, Peer::Restic, Peer::Rustic];

/// A set's files as a peer shows them.
pub(crate) struct View {
    /// The folder that equals the set's `files`.
    pub(crate) files: PathBuf,
    mount: Option<Mount>,
}

impl View {
    /// The most memory that the mount's process has had resident, in MiB.
    pub(crate) fn peak_mib(&self) -> Result<Option<f64>> {
        self.mount.as_ref().and_then(Mount::pid).map(super::measure::peak_mib).transpose()
    }

    /// Unmounts.
    pub(crate) fn close(self) -> Result<()> {
        self.mount.map_or(Ok(()), Mount::unmount)
    }
}

impl Peer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Bygone => "bygone",
            Self::Restic => "restic",
            Self::Rustic => "rustic",
        }
    }

    pub(crate) fn is_installed(self, tools: &Tools) -> bool {
        match self {
            Self::Raw | Self::Bygone | Self::Restic => true,
            Self::Rustic => rustic(tools).is_some(),
        }
    }

    /// What the program says of its version.
    pub(crate) fn version(self, tools: &Tools) -> Result<String> {
        Ok(match self {
            Self::Raw => "the folder itself".into(),
            Self::Bygone => machine::version(tools, &super::bygone()?, "--version"),
            Self::Restic => machine::version(tools, &tools.program("restic"), "version"),
            Self::Rustic => machine::version(tools, &rustic(tools).unwrap_or_default(), "--version"),
        })
    }

    /// The program, ready for a repository.
    pub(crate) fn command(self, stage: &Stage, repository: &Path) -> Result<Command> {
        match self {
            Self::Raw | Self::Restic => data::restic(stage, repository),
            Self::Bygone => {
                let mut command = stage.tools.command(super::bygone()?)?;
                command.env("RESTIC_REPOSITORY", repository).env("RESTIC_PASSWORD", PASSWORD).env("TZ", "UTC");
                command.env("XDG_CACHE_HOME", stage.root.join("cache"));
                Ok(command)
            }
            Self::Rustic => {
                let program = rustic(&stage.tools).context("rustic is not installed")?;
                let mut command = stage.tools.command(program)?;
                command.env("RUSTIC_REPOSITORY", repository).env("RUSTIC_PASSWORD", PASSWORD).env("TZ", "UTC");
                command.env("RUSTIC_CACHE_DIR", stage.root.join("cache/rustic")).env("RUSTIC_NO_PROGRESS", "true");
                Ok(command)
            }
        }
    }

    /// Mounts a repository at a folder, and waits until it is there.
    pub(crate) fn mount(self, stage: &Stage, repository: &Path, point: &Path) -> Result<Mount> {
        let mut command = self.command(stage, repository)?;
        match self {
            Self::Raw | Self::Restic | Self::Bygone => command.arg("mount").arg(point),
            Self::Rustic => command.arg("mount").arg(point).arg("latest"),
        };
        Mount::in_foreground(&mut command, point)
    }

    /// Where a mount shows the newest snapshot.
    pub(crate) fn newest(self, point: &Path) -> PathBuf {
        match self {
            Self::Raw | Self::Bygone | Self::Restic => point.join("snapshots/latest"),
            Self::Rustic => point.to_path_buf(),
        }
    }

    /// Shows a set's files, freshly mounted.
    pub(crate) fn view(self, stage: &Stage, set: &Prepared) -> Result<View> {
        if self == Self::Raw {
            return Ok(View { files: set.raw.clone(), mount: None });
        }
        let point = stage.root.join("mnt").join(self.name());
        fs::create_dir_all(&point).with_context(|| format!("creating {}", point.display()))?;
        let mount = self.mount(stage, &set.repository, &point)?;
        Ok(View { files: self.newest(&point).join("files"), mount: Some(mount) })
    }

    /// Restores a set's newest snapshot into a folder; the folder itself is copied.
    pub(crate) fn restore(self, stage: &Stage, set: &Prepared, target: &Path) -> Result<Command> {
        if self == Self::Raw {
            let mut copy = Command::new("cp");
            copy.arg("-a").arg(&set.raw).arg(target);
            return Ok(copy);
        }
        let mut command = self.command(stage, &set.repository)?;
        match self {
            Self::Raw | Self::Restic | Self::Bygone => command.args(["restore", "latest", "--target"]).arg(target),
            Self::Rustic => command.args(["restore", "latest"]).arg(target),
        };
        Ok(command)
    }

    /// Looks for names in all snapshots of a set.
    pub(crate) fn find(self, stage: &Stage, set: &Prepared, pattern: &str) -> Result<Command> {
        let mut command = self.command(stage, &set.repository)?;
        match self {
            Self::Raw | Self::Restic | Self::Bygone => command.args(["find", pattern]),
            Self::Rustic => command.args(["find", "--glob", pattern]),
        };
        Ok(command)
    }
}

fn rustic(tools: &Tools) -> Option<PathBuf> {
    let own = tools.root().join("cargo/bin/rustic");
    if own.exists() { Some(own) } else { folders::program("rustic") }
}
