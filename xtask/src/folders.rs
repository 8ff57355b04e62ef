//! Where things are kept: the checkout, the tools, the kept target directory.

use anyhow::{Context, Result};
use std::env;
use std::path::{Path, PathBuf};

/// The root of the checkout: the folder above this crate's.
pub(crate) fn checkout() -> Result<PathBuf> {
    // `cargo run` sets the variable at run time; the compiled-in value serves a binary started by hand.
    let manifest =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), Into::into);
    manifest.parent().map(Path::to_path_buf).with_context(|| format!("no folder above {}", manifest.display()))
}

/// `$BYGONE_TOOLS`, or `bygone-tools` in the user's cache folder.
pub(crate) fn tools() -> Result<PathBuf> {
    match env::var_os("BYGONE_TOOLS").filter(|value| !value.is_empty()) {
        Some(folder) => std::path::absolute(folder).context("BYGONE_TOOLS"),
        None => Ok(cache()?.join("bygone-tools")),
    }
}

/// `$CARGO_TARGET_DIR`, or `bygone-target` in the user's cache folder: outside the checkout, so that a clean clone does
/// not compile every dependency again.
pub(crate) fn target() -> Result<PathBuf> {
    match env::var_os("CARGO_TARGET_DIR").filter(|value| !value.is_empty()) {
        Some(folder) => std::path::absolute(folder).context("CARGO_TARGET_DIR"),
        None => Ok(cache()?.join("bygone-target")),
    }
}

fn cache() -> Result<PathBuf> {
    if let Some(folder) = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute()) {
        return Ok(folder);
    }
    let home = env::home_dir().filter(|home| !home.as_os_str().is_empty());
    Ok(home.context("no home folder: set HOME, or BYGONE_TOOLS and CARGO_TARGET_DIR")?.join(".cache"))
}

/// The program of that name, looked for in `PATH` and in the folders of system programs, which a user's `PATH` may lack.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    env::split_paths(&path).chain(system).map(|folder| folder.join(name)).find(|file| file.is_file())
}
