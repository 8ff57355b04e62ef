//! Where the components are.

use std::env;
use std::path::PathBuf;

/// The program of that name: in `bin/` or `cargo/bin/` of `$BYGONE_TOOLS` (or of `bygone-tools` in the user's cache folder),
/// in `PATH`, or among the system's own programs, which a user's `PATH` may lack.
///
/// # Panics
/// When it is not installed.
pub fn tool(name: &str) -> PathBuf {
    let kept = folder().map(|folder| [folder.join("bin"), folder.join("cargo/bin")]);
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    kept.into_iter()
        .flatten()
        .chain(env::split_paths(&path))
        .chain(system)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("{name} is not installed; `cargo xtask test` installs it"))
}

fn folder() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = || set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
    set("BYGONE_TOOLS").or_else(|| Some(cache()?.join("bygone-tools")))
}
