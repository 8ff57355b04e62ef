//! `bygone mount` and `bygone umount`: snapshots as a drive.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use bygone_fs::daemon::{self, Launched, Readiness, Side};
use bygone_fs::{MountOptions, Owner, View, Xattrs};
use bygone_vault::location::Location;
use bygone_vault::{Error, ErrorKind, Repository, Result};
use clap::{Args, ValueEnum};

use crate::console;
use crate::drive::DriveOpening;
use crate::exit::{Outcome, exit_number};
use crate::global::Global;
use crate::open::Opening;
use crate::selection::{Selection, parse_snapshot_and_path};
use crate::when::parse_duration;

/// Show snapshots as a read-only drive
///
/// Without a snapshot: all of them, in the folders ids, snapshots, hosts and tags, which follow the repository. With one:
/// it, or a folder in it, lies directly at the mount point.
#[derive(Debug, Args)]
pub(crate) struct Mount {
    /// One snapshot, or a folder in it, and the mount point: an empty folder (on Windows a drive such as X:, or a folder
    /// that does not exist yet)
    #[arg(value_names = ["SNAPSHOT[:PATH]", "MOUNTPOINT"], num_args = 1..=2, required = true)]
    what_and_where: Vec<OsString>,
    /// Return when the mount is ready, and serve it in the background
    #[arg(short = 'b', long)]
    background: bool,
    /// Let other users look, as far as modes allow
    #[arg(long)]
    allow_other: bool,
    /// Everything belongs to root
    #[arg(long, conflicts_with = "as_me")]
    owner_root: bool,
    /// Everything belongs to the mounting user
    #[arg(long)]
    as_me: bool,
    /// Type of the mount after `fuse.`
    #[arg(long, value_name = "NAME", default_value = "bygone")]
    subtype: String,
    /// How often to look for new snapshots; 0s never
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "60s")]
    refresh: Duration,
    /// Extended attributes, ACLs included
    #[arg(long, value_enum, default_value_t = ShowXattrs::Auto)]
    xattrs: ShowXattrs,
    /// Do not put files that will probably be read next into the kernel's cache
    #[arg(long)]
    no_push: bool,
    /// Where snapshots lie: %i short id, %I whole id, %T time, %h host, %u user, %t tag (may be repeated)
    /// [default: ids/%i snapshots/%T hosts/%h/%T tags/%t/%T]
    #[arg(long = "path-template", value_name = "TEMPLATE")]
    path_templates: Vec<String>,
    #[command(flatten)]
    selection: Selection,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ShowXattrs {
    /// Until it is known that there are none: then listings get faster
    Auto,
    /// Always
    On,
    /// Never
    Off,
}

/// Unmount what `bygone mount` mounted, even when it was killed
#[derive(Debug, Args)]
pub(crate) struct Umount {
    /// The mount point
    mountpoint: PathBuf,
    /// Also when it is in use: it is gone at once, and its users see errors
    #[arg(short, long, visible_alias = "force")]
    detach: bool,
}

impl Umount {
    pub(crate) fn run(self) -> Result<Outcome> {
        let how = if self.detach { bygone_fs::Umount::Detach } else { bygone_fs::Umount::Clean };
        bygone_fs::umount(&self.mountpoint, how)?;
        Ok(Outcome::Done)
    }
}

impl Mount {
    pub(crate) fn run(mut self, global: &Global) -> Result<Outcome> {
        let mountpoint = PathBuf::from(self.what_and_where.pop().unwrap_or_default());
        let view = self.view()?;
        // From here to the fork no thread may start: the password is asked for, nothing is connected to.
        let opening = What::prepare(global)?;
        let options = self.options(mountpoint, view, &opening);
        if !self.background {
            return serve(opening, options, global, None);
        }
        match daemon::detach()? {
            Side::Foreground(Launched::Ready) => Ok(Outcome::Done),
            Side::Foreground(Launched::Failed { exit_code, message }) => {
                console::problem(&message);
                std::process::exit(i32::from(exit_code))
            }
            Side::Background(readiness) => serve(opening, options, global, Some(readiness)),
        }
    }

    fn view(&mut self) -> Result<View> {
        let filter = self.selection.filter();
        let Some(what) = self.what_and_where.pop() else {
            if self.path_templates.is_empty() {
                return Ok(View::filtered(filter));
            }
            return Ok(View::Layout { filter, path_templates: std::mem::take(&mut self.path_templates) });
        };
        if !self.path_templates.is_empty() {
            let told = "--path-template is about many snapshots; one was named";
            return Err(Error::new(ErrorKind::InvalidInput, told));
        }
        let what = parse_snapshot_and_path(&what)?;
        Ok(View::Snapshot { snapshot: what.snapshot, filter, path: what.path })
    }

    fn options(&self, mountpoint: PathBuf, view: View, what: &What) -> MountOptions {
        let mut options = MountOptions::new(mountpoint, view);
        options.allow_other = self.allow_other;
        options.owner = match (self.owner_root, self.as_me) {
            (true, _) => Owner::As { uid: 0, gid: 0 },
            (false, true) => caller(),
            (false, false) => Owner::AsStored,
        };
        options.subtype.clone_from(&self.subtype);
        options.refresh = (!self.refresh.is_zero()).then_some(self.refresh);
        options.xattrs = match self.xattrs {
            ShowXattrs::Auto => Xattrs::Auto,
            ShowXattrs::On => Xattrs::On,
            ShowXattrs::Off => Xattrs::Off,
        };
        options.push = !self.no_push;
        if let What::Repository(opening) = what {
            options.keep_clear.extend(opening.cache_dir().map(PathBuf::from));
            if let Location::Local(path) = opening.location() {
                options.keep_clear.push(path.clone());
            }
        }
        options
    }
}

#[cfg(unix)]
fn caller() -> Owner {
    // SAFETY: both calls take nothing and cannot fail.
    let (uid, gid) = unsafe { (libc::getuid(), libc::getgid()) };
    Owner::As { uid, gid }
}

#[cfg(not(unix))]
fn caller() -> Owner {
    // There is no number for the caller; what is stored means nothing here either.
    Owner::AsStored
}

/// Whose snapshots are shown.
enum What {
    /// A repository's.
    Repository(Box<Opening>),
    /// Those that a server shows.
    Server(DriveOpening),
}

impl What {
    fn prepare(global: &Global) -> Result<Self> {
        Ok(match DriveOpening::prepare(global)? {
            Some(server) => Self::Server(server),
            None => Self::Repository(Box::new(Opening::prepare(global)?)),
        })
    }

    fn open(self) -> Result<Repository> {
        match self {
            Self::Repository(opening) => opening.open(),
            Self::Server(server) => server.open(),
        }
    }
}

fn serve(what: What, options: MountOptions, global: &Global, readiness: Option<Readiness>) -> Result<Outcome> {
    let mounted = what.open().and_then(|repository| bygone_fs::mount(&repository, options));
    let mounted = match (mounted, readiness) {
        (Ok(mounted), None) => {
            if !global.quiet {
                console::line(&format!("{} shows {}", mounted.mountpoint().display(), mounted.shows()));
                console::line("end it with Ctrl-C or bygone umount");
            }
            mounted
        }
        (Ok(mounted), Some(readiness)) => {
            readiness.ready()?;
            mounted
        }
        (Err(error), None) => return Err(error),
        (Err(error), Some(readiness)) => {
            readiness.failed(exit_number(&error), &error.chain());
            std::process::exit(i32::from(exit_number(&error)));
        }
    };
    match mounted.wait()? {
        bygone_fs::Ended::Unmounted => {}
        bygone_fs::Ended::Detached => tracing::warn!("the mount was in use; whoever uses it sees errors now"),
    }
    Ok(Outcome::Done)
}
