//! What can be done with what was captured: each command is really run, and shows what it printed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use bygone_vault::{Error, Result};

use super::machine::Machine;
use super::office::Guest;
use super::{failed, program, project, tell};
use crate::server_config::failure;

/// How much of one command's output is shown.
const SHOWN_LINES_MAX: usize = 10;

/// A mount of the demo's repository, through the gateway.
pub(super) struct Tour {
    folder: PathBuf,
    point: PathBuf,
    /// What the mount and every command open the repository with.
    settings: Vec<(&'static str, String)>,
    is_mounted: bool,
}

impl Drop for Tour {
    fn drop(&mut self) {
        if self.is_mounted
            && let Ok(mut umount) = self.bygone()
        {
            // The demo failed already: what it says of that comes first.
            umount.arg("umount").arg(&self.point).output().ok();
        }
    }
}

impl Tour {
    /// Mounts the repository.
    pub(super) fn begin(folder: &Path, guest: &Guest) -> Result<Self> {
        let point = folder.join("mnt");
        fs::create_dir(&point).map_err(|error| Error::io(format!("make {}", point.display()), error))?;
        let settings = vec![
            ("RESTIC_REPOSITORY", guest.location.clone()),
            ("RESTIC_REST_USERNAME", guest.user.clone()),
            ("RESTIC_REST_PASSWORD", guest.secret.expose().clone()),
            ("RESTIC_PASSWORD", guest.password.expose().clone()),
            ("XDG_CACHE_HOME", folder.join("cache").display().to_string()),
        ];
        let mut tour = Self { folder: folder.to_owned(), point, settings, is_mounted: false };
        let mut mount = tour.bygone()?;
        mount.args(["mount", "--background"]).arg(&tour.point);
        let output = mount.output().map_err(|error| Error::io("start bygone mount".to_owned(), error))?;
        if !output.status.success() {
            return Err(failed("bygone mount", &output));
        }
        tour.is_mounted = true;
        Ok(tour)
    }

    /// Runs the commands of the tour.
    pub(super) fn show(&self) -> Result<()> {
        tell(&format!("the repository is mounted at {}, through the server, for reading:", self.point.display()))?;
        self.step(Command::new("ls").arg(self.point.join("snapshots")))?;
        tell("where was that report, which is gone since day 2?")?;
        self.step(self.bygone()?.args(["find", project::SEARCHED]))?;
        tell("what became of the parser?")?;
        self.step(self.bygone()?.args(["history", &self.inside(project::EDITED)]))?;
        tell("what happened between day 1 and day 3?")?;
        self.step(self.bygone()?.args(["diff", "latest~2", "latest"]))?;
        tell("get the documents of day 1 back, next to those of today:")?;
        let source = format!("latest~2:{}", self.inside(project::RESTORED));
        self.step(self.bygone()?.args(["restore", &source, "--target"]).arg(self.restored()))?;
        Ok(())
    }

    /// Checks what was shown against what was captured.
    pub(super) fn prove(&self, machine: &Machine, days: usize) -> Result<()> {
        let snapshots = self.snapshots()?;
        claim(snapshots.len() == days, "the mount shows a snapshot for each day")?;
        for (day, snapshot) in snapshots.iter().enumerate() {
            let seen = snapshot.join(self.inside("").trim_start_matches('/'));
            let sentence = format!("day {} in the mount equals what was captured", day + 1);
            claim(differences(&machine.kept(day), &seen)?.is_empty(), &sentence)?;
        }
        let found = self.output(self.bygone()?.args(["find", project::SEARCHED]))?;
        let both = found.contains(project::DELETED) && found.contains(project::ADDED);
        claim(both, "the search finds the report of day 1 and the one of day 2")?;
        let difference = self.output(self.bygone()?.args(["diff", "latest~2", "latest"]))?;
        let names = [project::EDITED, project::DELETED, project::RENAMED, project::RENAMED_TO];
        let all = names.iter().all(|name| difference.contains(name));
        claim(all, "the comparison names what was changed, deleted and renamed")?;
        let restored = differences(&machine.kept(0).join(project::RESTORED), &self.restored())?;
        claim(restored.is_empty(), "the restored folder equals day 1")?;
        // With a cache of its own, that knows nothing of the mount's lease.
        let cache = self.folder.join("other cache");
        let forget = self.bygone()?.env("XDG_CACHE_HOME", cache).args(["forget", "--keep-last", "1"]).output();
        let forget = forget.map_err(|error| Error::io("start bygone forget".to_owned(), error))?;
        let told = String::from_utf8_lossy(&forget.stderr).into_owned();
        claim(!forget.status.success() && told.contains("403"), "whoever may only read can forget nothing")
    }

    /// Says what to try while it is there.
    pub(super) fn invite(&self, url: &str) -> Result<()> {
        let point = self.point.display();
        tell("now you, in another terminal:")?;
        tell(&format!("    ls {point}/snapshots/latest{}", self.inside("")))?;
        tell(&format!("    . {}    # for bygone and for stock restic", self.environment()))?;
        tell("    bygone find '*.svg'; bygone ls -l latest; restic snapshots")?;
        tell(&format!("    curl {url}/readyz; curl {url}/api/openapi.json"))
    }

    /// Unmounts.
    pub(super) fn end(mut self) -> Result<()> {
        let mut umount = self.bygone()?;
        umount.arg("umount").arg(&self.point);
        let output = umount.output().map_err(|error| Error::io("start bygone umount".to_owned(), error))?;
        self.is_mounted = false;
        if output.status.success() { Ok(()) } else { Err(failed("bygone umount", &output)) }
    }

    /// A file with what opens the repository: for its owner alone, and not on any command line.
    fn environment(&self) -> String {
        let path = self.folder.join("environment");
        let lines = self.settings.iter().filter(|(name, _)| name.starts_with("RESTIC"));
        let text: String = lines.map(|(name, value)| format!("export {name}='{value}'\n")).collect();
        let written =
            fs::write(&path, text).and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o600)));
        match written {
            Ok(()) => path.display().to_string(),
            Err(error) => format!("({}: {error})", path.display()),
        }
    }

    fn restored(&self) -> PathBuf {
        self.folder.join("restored")
    }

    /// A file of the project, by its path in a snapshot.
    fn inside(&self, name: &str) -> String {
        format!("{}/{name}", self.folder.join("machine/project").display()).trim_end_matches('/').to_owned()
    }

    /// This program, opening the demo's repository.
    fn bygone(&self) -> Result<Command> {
        let mut command = Command::new(program()?);
        command
            .env_remove("RESTIC_PASSWORD_FILE")
            .env_remove("RESTIC_PASSWORD_COMMAND")
            .env_remove("BYGONE_REPOSITORY");
        command.envs(self.settings.iter().map(|(name, value)| (*name, value)));
        Ok(command)
    }

    /// Each day's snapshot in the mount, the first day first: their names are their times.
    fn snapshots(&self) -> Result<Vec<PathBuf>> {
        let folder = self.point.join("snapshots");
        let doing = |error| Error::io(format!("list {}", folder.display()), error);
        let entries = fs::read_dir(&folder).map_err(doing)?.collect::<std::io::Result<Vec<_>>>().map_err(doing)?;
        let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
        paths.retain(|path| path.file_name().is_some_and(|name| name != "latest"));
        paths.sort();
        Ok(paths)
    }

    fn output(&self, command: &mut Command) -> Result<String> {
        let output = command.output().map_err(|error| Error::io(format!("start {command:?}"), error))?;
        if !output.status.success() {
            return Err(failed(&short(command), &output));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn step(&self, command: &mut Command) -> Result<()> {
        tell(&format!("$ {}", short(command)))?;
        let text = self.output(command)?;
        let lines: Vec<&str> = text.lines().collect();
        for line in lines.iter().take(SHOWN_LINES_MAX) {
            tell(&format!("    {line}"))?;
        }
        match lines.len().saturating_sub(SHOWN_LINES_MAX) {
            0 => Ok(()),
            more => tell(&format!("    … {more} more lines")),
        }
    }
}

/// The command as one would type it.
fn short(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ")
}

fn claim(is_so: bool, sentence: &str) -> Result<()> {
    if !is_so {
        return Err(failure(format!("not so: {sentence}")));
    }
    tell(&format!("proved: {sentence}"))?;
    Ok(())
}

/// What `diff` tells apart: contents, names, links.
fn differences(wanted: &Path, found: &Path) -> Result<String> {
    let mut diff = Command::new("diff");
    let output = diff.args(["-r", "--no-dereference"]).arg(wanted).arg(found).output();
    let output = output.map_err(|error| Error::io("start diff".to_owned(), error))?;
    match output.status.code() {
        Some(0) => Ok(String::new()),
        Some(1) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Some(_) | None => Err(failed("diff", &output)),
    }
}
