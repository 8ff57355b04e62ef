//! What a mount can be asked for.

use std::path::PathBuf;
use std::time::Duration;

use bygone_common::SnapshotPath;
use bygone_vault::{SnapshotFilter, SnapshotSpec};

/// Type of our mounts after `fuse.`, and their device name, unless the user chose others.
pub(crate) const OURS: &str = "bygone";
/// How often an open repository is asked for new snapshots, unless told otherwise.
pub const REFRESH_SECONDS_DEFAULT: u64 = 60;

/// Where restic's mount shows snapshots. `%i` is the short id, `%I` the whole one, `%T` the time, `%h` the host, `%u`
/// the user and `%t` each tag in turn.
pub const PATH_TEMPLATES_DEFAULT: [&str; 4] = ["ids/%i", "snapshots/%T", "hosts/%h/%T", "tags/%t/%T"];

/// Everything about one mount.
#[derive(Debug, Clone)]
pub struct MountOptions {
    /// An empty directory; on Windows a drive such as `X:` or a directory that does not exist yet.
    pub mountpoint: PathBuf,
    /// What lies there.
    pub view: View,
    /// Other users may look, as far as modes allow. Otherwise only the mounting user.
    pub allow_other: bool,
    /// Whom files belong to.
    pub owner: Owner,
    /// Type of the mount after `fuse.`; how `bygone umount` knows its own.
    pub subtype: String,
    /// Device name in the system's list of mounts.
    pub fs_name: String,
    /// How often to look for new and forgotten snapshots; `None` never. Without meaning for one snapshot.
    pub refresh: Option<Duration>,
    /// Whether extended attributes are shown.
    pub xattrs: Xattrs,
    /// Whether files that a reader will probably want next are put into the kernel's page cache ahead of it.
    pub push: bool,
    /// Folders that must lie neither over nor under the mount point: a local repository and the cache. A mount that
    /// covers what it reads from would wait for itself.
    pub keep_clear: Vec<PathBuf>,
    /// Whether a small helper process clears the mount when this process is killed.
    pub watchdog: bool,
    /// Whether SIGINT and SIGTERM end the mount, from the moment it is there: [`crate::Mounted::wait`] hears of them.
    /// Otherwise they do what they did before.
    pub signals: bool,
}

impl MountOptions {
    /// The defaults: only for the mounting user, owners as stored, all that makes it fast.
    pub fn new(mountpoint: impl Into<PathBuf>, view: View) -> Self {
        Self {
            mountpoint: mountpoint.into(),
            view,
            allow_other: false,
            owner: Owner::AsStored,
            subtype: OURS.to_owned(),
            fs_name: OURS.to_owned(),
            refresh: Some(Duration::from_secs(REFRESH_SECONDS_DEFAULT)),
            xattrs: Xattrs::Auto,
            push: true,
            keep_clear: Vec::new(),
            watchdog: true,
            signals: true,
        }
    }
}

/// What a mount shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// Directories of snapshots by id, time, host and tag, which follow the repository.
    Layout {
        /// Which snapshots.
        filter: SnapshotFilter,
        /// Where; [`PATH_TEMPLATES_DEFAULT`] as restic does it.
        path_templates: Vec<String>,
    },
    /// One snapshot, or a directory in it. `latest` is the newest when the mount is made, for as long as it lives.
    Snapshot {
        /// Which one.
        snapshot: SnapshotSpec,
        /// Among which.
        filter: SnapshotFilter,
        /// The directory that becomes the mount point.
        path: SnapshotPath,
    },
}

impl View {
    /// All snapshots, where restic shows them.
    pub fn all() -> Self {
        Self::filtered(SnapshotFilter::default())
    }

    /// Some snapshots, where restic shows them.
    pub fn filtered(filter: SnapshotFilter) -> Self {
        Self::Layout { filter, path_templates: PATH_TEMPLATES_DEFAULT.map(str::to_owned).to_vec() }
    }
}

/// Whom files belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// As the snapshot says. Directories of the layout belong to the mounting user.
    AsStored,
    /// Everything belongs to this user and group: restic's `--owner-root` is zero and zero, `--as-me` the caller's.
    As {
        /// User number.
        uid: u32,
        /// Group number.
        gid: u32,
    },
}

/// Whether extended attributes are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Xattrs {
    /// Shown, until it is known that there are none: then the kernel is told not to ask again, which makes `ls -l`
    /// several times faster.
    Auto,
    /// Shown, and always asked for.
    On,
    /// Not shown.
    Off,
}

/// How hard to try to unmount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Umount {
    /// Not while somebody uses it.
    Clean,
    /// At once: gone from the tree now, and for those who still use it when they are done.
    Detach,
}
