//! A mount, its threads, and how all of it ends.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;

use bygone_vault::{Error, ErrorKind, Repository, Result};
use fuser::{Config, INodeNo, MountOption, Notifier, SessionACL};
use rustix::process::{getgid, getuid};

use super::counters::{Counters, Message};
use super::filesystem::{Fuse, Opens};
use super::refresh::Refreshing;
use super::signals::Listener;
use super::xattrs::Switch;
use super::{read_ahead, refresh};
use crate::core::Core;
use crate::core::inode::Inode;
use crate::mounted::Ended;
use crate::options::{MountOptions, Umount, Xattrs};
use crate::push::{PageCache, Push, Pushing};
use crate::threads;
use crate::unix::detach::detach;
use crate::unix::{attach::attach, place};
use crate::walker::{self, Walking};

/// Threads that read messages of the kernel. Hits are answered by them, misses by the engine's workers; more of them
/// only get in each other's way.
const THREADS: usize = if cfg!(target_os = "linux") { 2 } else { 1 };

/// A mount.
#[derive(Debug)]
pub(crate) struct Mounted {
    mountpoint: PathBuf,
    core: Arc<Core>,
    counters: Arc<Counters>,
    events: Receiver<Event>,
    _listener: Option<Listener>,
    session: Option<JoinHandle<()>>,
    pushing: Option<Pushing>,
    refreshing: Option<Refreshing>,
    walking: Option<Walking>,
    #[cfg(target_os = "linux")]
    watchdog: Option<crate::unix::watchdog::Watchdog>,
}

/// What can end a wait.
#[derive(Debug, Clone)]
enum Event {
    /// Nothing is mounted any more.
    Ended(std::result::Result<(), Error>),
    /// Somebody wants an end.
    Signal,
}

/// Mounts.
///
/// # Errors
/// As [`crate::mount`].
pub(crate) fn mount(repository: &Repository, options: MountOptions) -> Result<Mounted> {
    let mountpoint = place::check(&options.mountpoint, &options.keep_clear)?;
    let mounter = (getuid().as_raw(), getgid().as_raw());
    let core = Core::new(repository, &options.view, options.owner, mounter)?;
    let counters = Arc::<Counters>::default();
    let xattrs = Arc::new(Switch::new(options.xattrs));
    let (refresher, requests) = refresh::queue();
    let (push, prepared) = Push::new(&core);
    let fuse = Fuse {
        core: Arc::clone(&core),
        counters: Arc::clone(&counters),
        xattrs: Arc::clone(&xattrs),
        refresher: core.is_live().then(|| refresher.clone()),
        push: options.push.then_some(push),
        opens: Opens::default(),
    };
    let (sender, events) = channel();
    // Before there is a mount that a signal could leave behind.
    let listener = options.signals.then(|| Listener::start(sender.clone(), Event::Signal)).transpose()?;
    let session = attach(fuse, &mountpoint, &options, config(&options))?;
    let notifier = session.notifier();
    let session = threads::start("bygone-fuse", move || {
        let result = session.run().map_err(|error| Error::io("serve the mount", error));
        if sender.send(Event::Ended(result)).is_err() {
            tracing::debug!("nobody waited for the end of the mount");
        }
    })?;
    // From here on dropping it unmounts.
    let mut mounted = Mounted {
        mountpoint,
        core: Arc::clone(&core),
        counters: Arc::clone(&counters),
        events,
        _listener: listener,
        session: Some(session),
        pushing: None,
        refreshing: None,
        walking: None,
        #[cfg(target_os = "linux")]
        watchdog: None,
    };
    #[cfg(target_os = "linux")]
    if options.watchdog {
        mounted.watchdog = Some(crate::unix::watchdog::Watchdog::start(&mounted.mountpoint)?);
    }
    read_ahead::widen(&mounted.mountpoint);
    if options.push {
        mounted.pushing = Some(prepared.start(Cache { notifier: notifier.clone(), counters })?);
    }
    if options.xattrs == Xattrs::Auto && xattrs.may_turn_off() {
        let switch = Arc::clone(&xattrs);
        let (walker, walking) = walker::start(Arc::clone(&core), move |found| switch.found(found))?;
        mounted.walking = Some(walking);
        if core.is_live() {
            xattrs.ask_later(walker);
        } else {
            walker.walk();
        }
    }
    if core.is_live() {
        mounted.refreshing = Some(refresh::start(core, refresher, requests, options.refresh, notifier)?);
    }
    Ok(mounted)
}

fn config(options: &MountOptions) -> Config {
    let mut config = Config::default();
    config.n_threads = Some(THREADS);
    config.acl = if options.allow_other { SessionACL::All } else { SessionACL::Owner };
    // On Linux they are told to the kernel by our own mount call.
    config.mount_options =
        vec![MountOption::RO, MountOption::NoSuid, MountOption::NoDev, MountOption::DefaultPermissions];
    config
}

/// The kernel's page cache.
struct Cache {
    notifier: Notifier,
    counters: Arc<Counters>,
}

impl PageCache for Cache {
    fn store(&self, inode: Inode, offset: u64, bytes: &[u8]) {
        self.counters.add(Message::Store);
        if let Err(error) = self.notifier.store(INodeNo(inode.0), offset, bytes) {
            tracing::debug!(%error, inode = inode.0, "the kernel does not want it");
        }
    }
}

impl Mounted {
    /// The mount point as an absolute path.
    pub(crate) fn mountpoint(&self) -> &Path {
        &self.mountpoint
    }

    /// What it shows, for people.
    pub(crate) fn shows(&self) -> String {
        self.core.shows()
    }

    /// Tells how many messages of each kind came so far, by name.
    pub(crate) fn messages(&self) -> impl Fn() -> Vec<(&'static str, u64)> + Send + 'static {
        let counters = Arc::clone(&self.counters);
        move || counters.get()
    }

    /// Waits for an end from outside.
    ///
    /// # Errors
    /// The connection with the kernel broke.
    pub(crate) fn wait(mut self) -> Result<Ended> {
        let event = self.events.recv();
        match event {
            Ok(Event::Ended(result)) => {
                self.finish();
                result.map(|()| Ended::Unmounted)
            }
            Ok(Event::Signal) => self.end(),
            Err(_) => Err(Error::new(ErrorKind::Io, "the thread that serves the mount is gone")),
        }
    }

    /// Unmounts it, even when it is in use.
    ///
    /// # Errors
    /// The kernel or fusermount3 refuses.
    pub(crate) fn unmount(mut self) -> Result<Ended> {
        self.end()
    }

    fn end(&mut self) -> Result<Ended> {
        match detach(&self.mountpoint, Umount::Clean) {
            Ok(()) => {
                self.finish();
                Ok(Ended::Unmounted)
            }
            Err(error) if error.kind() == ErrorKind::Conflict => {
                tracing::warn!(mountpoint = %self.mountpoint.display(), "still in use: detached, users will see errors");
                detach(&self.mountpoint, Umount::Detach)?;
                // Those who use it keep the session alive until this process ends: nothing to wait for.
                self.session = None;
                self.stop_threads();
                Ok(Ended::Detached)
            }
            Err(error) => Err(error),
        }
    }

    /// After the session's end.
    fn finish(&mut self) {
        threads::end(self.session.take());
        self.stop_threads();
    }

    fn stop_threads(&mut self) {
        self.walking = None;
        self.pushing = None;
        if let Some(refreshing) = self.refreshing.take() {
            refreshing.stop();
        }
        #[cfg(target_os = "linux")]
        {
            self.watchdog = None;
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if self.session.is_some()
            && let Err(error) = self.end()
        {
            tracing::warn!(error = %error.chain(), "cannot unmount");
        }
    }
}
