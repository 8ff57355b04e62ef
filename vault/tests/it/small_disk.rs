//! A small file system in memory.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Unmounted when dropped.
pub(crate) struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one at `path`, which is made. `size` is as in `size=30m`.
    pub(crate) fn mount(path: PathBuf, size: &str) -> Self {
        fs::create_dir(&path).unwrap();
        let disk = Self(path);
        disk.call_mount(0, size);
        disk
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Makes it larger.
    pub(crate) fn resize(&self, size: &str) {
        self.call_mount(libc::MS_REMOUNT, size);
    }

    /// Nobody can write to it from now on.
    pub(crate) fn make_read_only(&self) {
        self.call_mount(libc::MS_REMOUNT | libc::MS_RDONLY, "");
    }

    fn call_mount(&self, flags: libc::c_ulong, size: &str) {
        let text = |bytes: &[u8]| std::ffi::CString::new(bytes).unwrap();
        let (kind, place, data) = (text(b"tmpfs"), text(self.0.as_os_str().as_bytes()), text(size.as_bytes()));
        // SAFETY: all pointers are valid C strings for the duration of the call.
        let result = unsafe { libc::mount(kind.as_ptr(), place.as_ptr(), kind.as_ptr(), flags, data.as_ptr().cast()) };
        assert_eq!(result, 0, "mount a tmpfs (the tests need root): {}", std::io::Error::last_os_error());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let place = std::ffi::CString::new(self.0.as_os_str().as_bytes()).unwrap();
        // SAFETY: the pointer is a valid C string for the duration of the call.
        unsafe { libc::umount2(place.as_ptr(), libc::MNT_DETACH) };
    }
}
