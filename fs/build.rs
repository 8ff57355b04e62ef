//! For Windows built with mingw: makes WinFsp's import library out of the names of its functions, so that nothing of
//! WinFsp is needed to build. The program loads the installed WinFsp when it mounts, and starts without one.

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Names of all functions of winfsp-x64.dll.
const DEFINITIONS: &str = "winfsp/winfsp-x64.def";

fn main() {
    println!("cargo:rerun-if-changed={DEFINITIONS}");
    let is = |variable: &str, value: &str| env::var(variable).is_ok_and(|found| found == value);
    if !is("CARGO_CFG_TARGET_OS", "windows") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    let Some(folder) = env::var_os("OUT_DIR").map(PathBuf::from) else { return };
    let library = folder.join("libwinfsp-x64.a");
    let tool = env::var_os("DLLTOOL").unwrap_or_else(|| "x86_64-w64-mingw32-dlltool".into());
    let mut command = Command::new(tool);
    command.args(["-m", "i386:x86-64", "-d", DEFINITIONS, "-y"]).arg(&library);
    match command.status() {
        Ok(status) if status.success() => {}
        Ok(status) => println!("cargo:warning={command:?} ended with {status}: linking will fail"),
        Err(error) => println!("cargo:warning={command:?} cannot be run ({error}): linking will fail"),
    }
    println!("cargo:rustc-link-search=native={}", folder.display());
    // Whole, since the crate that calls it comes later on the linker's command line.
    println!("cargo:rustc-link-lib=static:+whole-archive=winfsp-x64");
}
