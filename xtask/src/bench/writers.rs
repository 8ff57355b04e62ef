//! How each program is called to write.

use super::Stage;
use super::data::{self, PASSWORD};
use super::peers::Peer;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Those that write repositories.
pub(crate) const WRITERS: &[Peer] = &[Peer::Bygone, Peer::Restic, Peer::Rustic];

/// Makes a repository by restic, so that it is the same for everybody.
pub(crate) fn init(stage: &Stage, repository: &Path) -> Result<()> {
    crate::process::output(data::restic(stage, repository)?.arg("init")).map(drop)
}

/// Opening a repository and nothing more: key derivation, above all.
pub(crate) fn opening(peer: Peer, stage: &Stage, repository: &Path) -> Result<Command> {
    let mut command = peer.command(stage, repository)?;
    command.arg("snapshots");
    Ok(command)
}

/// A backup of `folder`, by its name in the folder above.
pub(crate) fn backup(peer: Peer, stage: &Stage, repository: &Path, folder: &Path) -> Result<Command> {
    let (Some(above), Some(name)) = (folder.parent(), folder.file_name()) else {
        bail!("{} is no folder to back up", folder.display());
    };
    let mut command = peer.command(stage, repository)?;
    command.args(["backup", "--host", "bench"]).arg(name).current_dir(above);
    Ok(command)
}

/// Reclaiming at once what no snapshot needs.
pub(crate) fn prune(peer: Peer, stage: &Stage, repository: &Path) -> Result<Command> {
    let mut command = peer.command(stage, repository)?;
    command.arg("prune");
    match peer {
        Peer::Raw | Peer::Restic => &mut command,
        Peer::Bygone => command.args(["--grace", "0"]),
        Peer::Rustic => command.args(["--instant-delete", "--max-repack", "unlimited"]),
    };
    Ok(command)
}

/// Reading and checking everything.
pub(crate) fn check(peer: Peer, stage: &Stage, repository: &Path) -> Result<Command> {
    let mut command = peer.command(stage, repository)?;
    command.args(["check", "--read-data"]);
    Ok(command)
}

/// Copying all snapshots into `target`, an empty repository.
pub(crate) fn copy(peer: Peer, stage: &Stage, source: &Path, target: &Path) -> Result<Command> {
    if peer == Peer::Rustic {
        let above = target.parent().context("a folder beside the target")?;
        let profile = format!("[repository]\nrepository = {target:?}\npassword = {PASSWORD:?}\n");
        fs::write(above.join("target.toml"), profile).context("writing a profile for rustic")?;
        let mut command = peer.command(stage, source)?;
        command.args(["copy", "--target", "target"]).current_dir(above);
        return Ok(command);
    }
    let mut command = peer.command(stage, target)?;
    command.arg("copy").arg("--from-repo").arg(source).env("RESTIC_FROM_PASSWORD", PASSWORD);
    Ok(command)
}
