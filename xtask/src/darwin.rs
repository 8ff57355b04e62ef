//! `cargo xtask darwin`: the macOS build is type-checked. Nothing is linked or run: that needs Apple's SDK and machine.

use crate::cross::Toolchain;
use crate::process;
use crate::setup::{self, Purpose, Tools};
use anyhow::{Context, Result};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

const TARGET: &str = "aarch64-apple-darwin";

/// Checks everything that runs on an endpoint.
pub(crate) fn run() -> Result<()> {
    crate::signals::watch()?;
    let tools = setup::run(Purpose::Darwin)?;
    let toolchain = Toolchain::with(&tools, TARGET)?;
    let compiler = compiler(&tools)?;
    let mut cargo = toolchain.cargo(&tools)?;
    cargo
        .env("CC_aarch64_apple_darwin", &compiler)
        .env("AR_aarch64_apple_darwin", tools.root().join("bin/zig-ar-darwin"));
    // Crates with C code look for Apple's SDK unless they are told where it is; zig brings its own headers.
    cargo.env("SDKROOT", "/");
    cargo.env("PKG_CONFIG_ALLOW_CROSS", "1").env("PKG_CONFIG_LIBDIR", fuse(&tools)?);
    process::run(cargo.args(["check", "--quiet", "--target", TARGET, "--package", "bygone", "--all-features"]))?;
    println!("darwin: `bygone` type-checks for {TARGET}; nothing was linked or run");
    Ok(())
}

/// A folder that tells pkg-config of macFUSE, whose users install it themselves: fuser's build script asks for its version,
/// and only linking would need its files.
fn fuse(tools: &Tools) -> Result<PathBuf> {
    let folder = tools.root().join("darwin");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let file = folder.join("fuse.pc");
    let text = "Name: fuse\nDescription: macFUSE\nVersion: 2.9.9\nLibs: -lfuse\n";
    fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    Ok(folder)
}

/// A C compiler for the target: zig's, without the options that only Apple's own understands.
fn compiler(tools: &Tools) -> Result<PathBuf> {
    let zig = tools.program("zig");
    let archiver = format!("#!/bin/sh\nexec '{}' ar \"$@\"\n", zig.display());
    write_program(&tools.program("zig-ar-darwin"), &archiver)?;
    let compiler = format!(
        r#"#!/bin/bash
# Options that cc-rs passes for Apple's clang and zig's does not take.
options=()
while (($#)); do
    case $1 in
        -arch | -isysroot | -target) shift ;;
        --target=* | -mmacosx-version-min=* | -Wl,-dead_strip | -lSystem) ;;
        *) options+=("$1") ;;
    esac
    shift
done
exec '{}' cc -target aarch64-macos.11.0 "${{options[@]}}"
"#,
        zig.display()
    );
    let file = tools.program("zig-cc-darwin");
    write_program(&file, &compiler)?;
    Ok(file)
}

fn write_program(file: &PathBuf, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("writing {}", file.display()))?;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("making {} executable", file.display()))
}
