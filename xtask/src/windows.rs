//! `cargo xtask windows`: the Windows build is linked with mingw, and everything but the drive itself is run under wine.

mod journey;
mod wine;

use crate::cross::Toolchain;
use crate::process;
use crate::setup::{self, Purpose, Tools};
use anyhow::Result;
use std::process::Command;
use wine::Wine;

const TARGET: &str = "x86_64-pc-windows-gnu";

/// Builds, runs the portable tests, and runs the program's verbs on a repository of stock restic.
pub(crate) fn run() -> Result<()> {
    crate::signals::watch()?;
    let tools = setup::run(Purpose::Windows)?;
    let toolchain = Toolchain::with(&tools, TARGET)?;
    let wine = Wine::start(&tools)?;
    println!("building bygone.exe");
    process::run(cargo(&tools, &toolchain, &wine)?.args(["build", "--package", "bygone"]).args(FEATURES).args(BUILD))?;
    println!("portable tests under wine");
    for package in ["bygone-common", "bygone-vault", "bygone-fs"] {
        process::run(cargo(&tools, &toolchain, &wine)?.args(["test", "--lib", "--package", package]).args(BUILD))?;
    }
    println!("the program under wine");
    let program = toolchain.target_directory()?.join(TARGET).join("debug/bygone.exe");
    journey::run(&tools, &wine, &program)?;
    println!(
        "windows: bygone.exe links, its portable tests pass, and its verbs work under wine; the drive needs a real Windows with WinFsp"
    );
    Ok(())
}

const FEATURES: &[&str] = &["--no-default-features", "--features", "mount"];
const BUILD: &[&str] = &["--quiet", "--target", TARGET];

fn cargo(tools: &Tools, toolchain: &Toolchain, wine: &Wine) -> Result<Command> {
    let mut cargo = toolchain.cargo(tools)?;
    cargo.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", "x86_64-w64-mingw32-gcc");
    cargo
        .env("CC_x86_64_pc_windows_gnu", "x86_64-w64-mingw32-gcc")
        .env("AR_x86_64_pc_windows_gnu", "x86_64-w64-mingw32-ar");
    cargo.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", wine::PROGRAM);
    wine.settle(&mut cargo);
    Ok(cargo)
}
