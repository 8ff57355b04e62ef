//! WinFsp's side: a drive letter or folder, and calls that become questions to the core.

mod drive;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use bygone_vault::{Error, ErrorKind, Repository, Result};
use winfsp::{FileSystem, OperationGuardStrategy, Params, U16CString, VolumeParams, u16cstr};

use crate::core::Core;
use crate::mounted::Ended;
use crate::options::{MountOptions, Umount};
use drive::Drive;

/// How long Windows may keep what it was told, in milliseconds. It is told nothing when the layout changes, so not long.
const KEEP_MILLISECONDS: u32 = 10_000;
/// Size in which the drive counts.
const SECTOR_BYTES: u16 = 4096;
/// Longest name, in UTF-16 units.
const NAME_UNITS_MAX: u16 = 255;

/// A mounted drive.
pub(crate) struct Mounted {
    mountpoint: PathBuf,
    core: Arc<Core>,
    drive: Option<FileSystem>,
    events: Receiver<Event>,
    refreshing: Option<Sender<Stop>>,
}

/// What ends a wait.
enum Event {
    /// Ctrl-C, or the console is being closed.
    Signal,
}

/// The refreshing thread's end.
struct Stop;

impl std::fmt::Debug for Mounted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mounted({})", self.mountpoint.display())
    }
}

/// Mounts.
///
/// # Errors
/// As [`crate::mount`].
pub(crate) fn mount(repository: &Repository, options: MountOptions) -> Result<Mounted> {
    winfsp::init().map_err(|error| {
        let text = "WinFsp is not installed: it brings drives of other programs to Windows, see https://winfsp.dev";
        Error::new(ErrorKind::Unsupported, text).because(error.to_string())
    })?;
    let core = Core::new(repository, &options.view, options.owner, (0, 0))?;
    let place = U16CString::from_os_str(options.mountpoint.as_os_str())
        .map_err(|_| Error::new(ErrorKind::InvalidInput, "the mount point holds a zero"))?;
    let (sender, events) = channel();
    if options.signals {
        ctrlc::set_handler(move || {
            if sender.send(Event::Signal).is_err() {
                tracing::debug!("nobody waits for the drive's end");
            }
        })
        .map_err(|error| Error::new(ErrorKind::Io, "listen for Ctrl-C").because(error))?;
    }
    let drive = FileSystem::start(parameters(&options), Some(&place), Drive::new(&core)?).map_err(|status| {
        let text = format!("WinFsp cannot mount at {} (status {status:#x})", options.mountpoint.display());
        Error::new(ErrorKind::Io, text)
    })?;
    let refreshing = match options.refresh {
        Some(period) if core.is_live() => Some(refresh(Arc::clone(&core), period)?),
        Some(_) | None => None,
    };
    Ok(Mounted { mountpoint: options.mountpoint, core, drive: Some(drive), events, refreshing })
}

/// Another process's drive ends with that process.
///
/// # Errors
/// Always `Unsupported`.
pub(crate) fn umount(mountpoint: &Path, _how: Umount) -> Result<()> {
    let text =
        format!("on Windows a drive ends with its program: press Ctrl-C where {} was mounted", mountpoint.display());
    Err(Error::new(ErrorKind::Unsupported, text))
}

fn parameters(options: &MountOptions) -> Params {
    let mut volume = VolumeParams::default();
    volume
        .set_sector_size(SECTOR_BYTES)
        .set_sectors_per_allocation_unit(1)
        .set_max_component_length(NAME_UNITS_MAX)
        .set_file_info_timeout(KEEP_MILLISECONDS)
        .set_dir_info_timeout(KEEP_MILLISECONDS)
        .set_case_sensitive_search(false)
        .set_case_preserved_names(true)
        .set_unicode_on_disk(true)
        .set_persistent_acls(true)
        .set_read_only_volume(true)
        .set_reparse_point(true)
        // A link may be opened as a directory: whether it leads to one is seen when it is followed.
        .set_no_reparse_points_dir_check(true)
        .set_hard_links(true)
        .set_post_cleanup_when_modified_only(true)
        .set_flush_and_purge_on_cleanup(false)
        .set_allow_open_in_kernel_mode(true);
    let name = U16CString::from_str(&options.subtype).unwrap_or_else(|_| u16cstr!("bygone").to_owned());
    if volume.set_file_system_name(&name).is_err() {
        tracing::debug!("the name of the file system is too long and was cut");
    }
    Params { volume_params: volume, guard_strategy: OperationGuardStrategy::Fine }
}

/// Looks for new snapshots every so often, until told to stop.
fn refresh(core: Arc<Core>, period: Duration) -> Result<Sender<Stop>> {
    use std::sync::mpsc::RecvTimeoutError;

    let (stop, stopped) = channel::<Stop>();
    let body = move || {
        while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(period) {
            if let Err(error) = core.refresh() {
                tracing::warn!(error = %error.chain(), "cannot look for new snapshots; those known stay");
            }
        }
    };
    let thread = std::thread::Builder::new().name("bygone-refresh".to_owned()).spawn(body);
    thread.map(|_| stop).map_err(|error| Error::io("start a thread", error))
}

impl Mounted {
    pub(crate) fn mountpoint(&self) -> &Path {
        &self.mountpoint
    }

    pub(crate) fn shows(&self) -> String {
        self.core.shows()
    }

    /// WinFsp counts for itself; we do not.
    pub(crate) fn messages(&self) -> impl Fn() -> Vec<(&'static str, u64)> + Send + 'static {
        Vec::new
    }

    pub(crate) fn wait(mut self) -> Result<Ended> {
        match self.events.recv() {
            Ok(Event::Signal) => Ok(self.end()),
            // No signal will ever come: the caller ends the process in its own way.
            Err(_) => loop {
                std::thread::park();
            },
        }
    }

    pub(crate) fn unmount(mut self) -> Result<Ended> {
        Ok(self.end())
    }

    fn end(&mut self) -> Ended {
        self.refreshing = None;
        if let Some(drive) = self.drive.take() {
            drive.stop();
        }
        Ended::Unmounted
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.end();
    }
}
