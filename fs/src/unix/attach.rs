//! Getting a FUSE connection mounted: by the system call where we may, by fusermount3 where it must.

#[cfg(target_os = "linux")]
mod fusermount;
#[cfg(target_os = "linux")]
mod system_call;

use std::path::Path;

use bygone_vault::Result;
use fuser::{Config, Filesystem, Session};

use crate::options::MountOptions;

#[cfg(target_os = "linux")]
pub(crate) use fusermount::HELPERS;

/// Mounts and shakes hands with the kernel. From then on the kernel queues requests, so the mount point can be used.
///
/// # Errors
/// FUSE is missing or forbidden, or the mount point is.
#[cfg(target_os = "linux")]
pub(crate) fn attach<FS: Filesystem>(
    fs: FS,
    mountpoint: &Path,
    options: &MountOptions,
    config: Config,
) -> Result<Session<FS>> {
    use bygone_vault::Error;

    let device = match system_call::mount(mountpoint, options)? {
        Some(device) => device,
        None => fusermount::mount(mountpoint, options)?,
    };
    let acl = config.acl;
    Session::from_fd(fs, device, acl, config).map_err(|error| {
        // The kernel has the mount already.
        if let Err(error) = super::detach::detach(mountpoint, crate::options::Umount::Detach) {
            tracing::warn!(error = %error.chain(), "cannot undo a mount that failed");
        }
        Error::io("agree with the kernel on the FUSE protocol", error)
    })
}

/// Mounts through macFUSE and shakes hands with the kernel.
///
/// # Errors
/// macFUSE is missing or forbidden, or the mount point is.
#[cfg(not(target_os = "linux"))]
pub(crate) fn attach<FS: Filesystem>(
    fs: FS,
    mountpoint: &Path,
    options: &MountOptions,
    mut config: Config,
) -> Result<Session<FS>> {
    use bygone_vault::Error;
    use fuser::MountOption;

    config.mount_options.push(MountOption::FSName(options.fs_name.clone()));
    config.mount_options.push(MountOption::Subtype(options.subtype.clone()));
    Session::new(fs, mountpoint, &config)
        .map_err(|error| Error::io(format!("mount at {} (is macFUSE installed?)", mountpoint.display()), error))
}
