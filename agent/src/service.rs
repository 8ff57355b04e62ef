//! The agent as a service of systemd: its unit, and putting it in place.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, ErrorKind, Result};

/// The unit's name.
pub const UNIT: &str = "bygone-agent.service";
/// Where units of the machine's own lie.
const UNITS: &str = "etc/systemd/system";
/// The exit code with which an agent ends that the server does not want: starting it again would not help.
pub const EXIT_UNWANTED: u8 = 78;

/// What a service may do that brings files back: all that they may have had.
const WRITES_EVERYWHERE: &str = "# It reads everybody's files, and puts them back with their owners, modes and attributes.\n\
    CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE CAP_CHOWN CAP_FOWNER CAP_FSETID CAP_MKNOD CAP_SETFCAP \
    CAP_SYS_NICE\n";
/// What a service may do that only saves files.
const WRITES_ITS_OWN: &str = "# It reads everybody's files and writes its own folder.\n\
    CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_SYS_NICE CAP_FOWNER\n\
    ProtectSystem=strict\n\
    ProtectHome=read-only\n\
    RestrictSUIDSGID=true\n";

/// What is put in place.
#[derive(Debug, Clone)]
pub struct Install {
    /// The program.
    pub program: PathBuf,
    /// The agent's folder.
    pub state: PathBuf,
    /// The root of the system: `/`, or a folder that stands for it.
    pub root: PathBuf,
    /// Whether the agent may be told to restore files on this machine: it has to be able to write everywhere then.
    pub restores: bool,
    /// Says what would be done, and does nothing.
    pub dry_run: bool,
}

/// What was done, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step(pub String);

impl Install {
    /// The unit.
    ///
    /// # Errors
    /// `Usage`: a path that a unit cannot say.
    pub fn unit(&self) -> Result<String> {
        let (program, state) = (quoted(&self.program)?, quoted(&self.state)?);
        let (option, writes) = if self.restores {
            ("", WRITES_EVERYWHERE.to_owned())
        } else {
            (" --no-restore", format!("{WRITES_ITS_OWN}ReadWritePaths={state}\n"))
        };
        let mut unit = String::new();
        // Writing to a string cannot fail.
        let _ = write!(
            unit,
            "[Unit]\n\
             Description=Bygone agent: backs this machine up\n\
             Documentation=man:bygone-agent(1)\n\
             Wants=network-online.target\n\
             After=network-online.target time-sync.target\n\
             StartLimitIntervalSec=0\n\
             \n\
             [Service]\n\
             Type=notify\n\
             ExecStart={program} agent run --state {state}{option}\n\
             Restart=always\n\
             RestartSec=5\n\
             RestartPreventExitStatus={EXIT_UNWANTED}\n\
             WatchdogSec=120\n\
             # Jobs are given up in order and reported; hooks end with them.\n\
             KillMode=mixed\n\
             TimeoutStopSec=60\n\
             {writes}\
             UMask=0077\n\
             NoNewPrivileges=true\n\
             PrivateTmp=false\n\
             ProtectClock=true\n\
             ProtectControlGroups=true\n\
             ProtectHostname=true\n\
             ProtectKernelLogs=true\n\
             ProtectKernelModules=true\n\
             ProtectKernelTunables=true\n\
             LockPersonality=true\n\
             MemoryDenyWriteExecute=true\n\
             RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n\
             RestrictNamespaces=true\n\
             RestrictRealtime=true\n\
             SystemCallArchitectures=native\n\
             \n\
             [Install]\n\
             WantedBy=multi-user.target\n"
        );
        Ok(unit)
    }

    fn place(&self) -> PathBuf {
        self.root.join(UNITS).join(UNIT)
    }

    fn is_this_system(&self) -> bool {
        self.root == Path::new("/")
    }

    /// Puts the unit in place, and starts it when it is this system's.
    ///
    /// # Errors
    /// What cannot be written or run.
    pub fn install(&self) -> Result<Vec<Step>> {
        let place = self.place();
        let unit = self.unit()?;
        let mut steps = vec![Step(format!("write {}", place.display()))];
        if !self.dry_run {
            write_whole(&place, &unit).map_err(|error| Error::io(format_args!("write {}", place.display()), &error))?;
        }
        for words in [&["daemon-reload"][..], &["enable", "--now", UNIT]] {
            self.systemctl(words, &mut steps)?;
        }
        Ok(steps)
    }

    /// Takes the unit away. The agent's folder stays: unenrolling is another thing.
    ///
    /// # Errors
    /// What cannot be removed or run.
    pub fn uninstall(&self) -> Result<Vec<Step>> {
        let place = self.place();
        if !place.exists() {
            return Ok(Vec::new());
        }
        let mut steps = Vec::new();
        self.systemctl(&["disable", "--now", UNIT], &mut steps)?;
        steps.push(Step(format!("remove {}", place.display())));
        if !self.dry_run {
            fs::remove_file(&place).map_err(|error| Error::io(format_args!("remove {}", place.display()), &error))?;
        }
        self.systemctl(&["daemon-reload"], &mut steps)?;
        Ok(steps)
    }

    /// Tells systemd, when it is this system's.
    fn systemctl(&self, words: &[&str], steps: &mut Vec<Step>) -> Result<()> {
        if !self.is_this_system() {
            return Ok(());
        }
        let line = format!("systemctl {}", words.join(" "));
        steps.push(Step(line.clone()));
        if self.dry_run {
            return Ok(());
        }
        let ran = Command::new("systemctl").args(words).output();
        let output = ran.map_err(|error| Error::io(format_args!("run {line}"), &error))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(Error::new(ErrorKind::Local, format!("{line}: {}", said.trim())))
    }
}

/// A path as a unit says it. Source: systemd.service(5), "Command lines"; systemd.unit(5), "Specifiers".
fn quoted(path: &Path) -> Result<String> {
    let refused = |why: &str| Error::new(ErrorKind::Usage, format!("the path {} {why}", path.display()));
    let text = path.to_str().ok_or_else(|| refused("is no text"))?;
    if !path.is_absolute() {
        return Err(refused("is not absolute"));
    }
    if text.chars().any(|char| char.is_control() || matches!(char, '"' | '\\' | '$' | '\'' | ';')) {
        return Err(refused("holds characters that a unit cannot say"));
    }
    let escaped = text.replace('%', "%%");
    Ok(if escaped.contains(' ') { format!("\"{escaped}\"") } else { escaped })
}

fn write_whole(place: &Path, text: &str) -> io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".bygone-").tempfile_in(folder)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    file.as_file().sync_all()?;
    file.persist(place).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn under(root: &Path, dry_run: bool) -> Install {
        let (program, state) = (PathBuf::from("/usr/bin/bygone"), PathBuf::from("/var/lib/bygone agent"));
        Install { program, state, root: root.to_owned(), restores: true, dry_run }
    }

    #[test]
    fn a_unit_is_put_in_place_and_taken_away() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("etc/systemd/system/bygone-agent.service");
        assert_eq!(under(root.path(), true).install().unwrap().len(), 1);
        assert!(!place.exists(), "a dry run writes nothing");
        under(root.path(), false).install().unwrap();
        let unit = fs::read_to_string(&place).unwrap();
        assert!(unit.contains("ExecStart=/usr/bin/bygone agent run --state \"/var/lib/bygone agent\"\n"), "{unit}");
        assert!(unit.contains("\nWatchdogSec=120\n") && unit.contains("\nKillMode=mixed\n"));
        assert!(!unit.contains("ProtectSystem") && unit.contains("CAP_CHOWN"), "it can put files back: {unit}");
        Install { restores: false, ..under(root.path(), false) }.install().unwrap();
        let unit = fs::read_to_string(&place).unwrap();
        assert!(unit.contains("agent run --state \"/var/lib/bygone agent\" --no-restore\n"), "{unit}");
        let own = "ReadWritePaths=\"/var/lib/bygone agent\"\n";
        assert!(unit.contains("ProtectSystem=strict\n") && unit.contains(own) && !unit.contains("CAP_CHOWN"), "{unit}");
        under(root.path(), false).uninstall().unwrap();
        assert!(!place.exists());
        assert!(under(root.path(), false).uninstall().unwrap().is_empty(), "twice is as once");
    }

    #[test]
    fn paths_that_would_say_something_else_in_a_unit_are_refused() {
        for bad in ["relative", "/a\nExecStartPre=/bin/sh", "/a\"b", "/a$HOME"] {
            assert_eq!(quoted(Path::new(bad)).unwrap_err().kind(), ErrorKind::Usage, "{bad}");
        }
        assert_eq!(quoted(Path::new("/100%/x")).unwrap(), "/100%%/x");
    }
}
