//! `cargo xtask ci`: everything that a change must pass, cheapest first, ending with the README's own test command.

use crate::process;
use crate::setup::{self, Purpose, Tools};
use anyhow::{Context, Result};
use std::time::Instant;

/// Runs every step; the first that fails ends it.
pub(crate) fn run() -> Result<()> {
    let tools = setup::run(Purpose::Ci)?;
    step("format", || process::run(tools.cargo()?.args(["fmt", "--all", "--check"])))?;
    step("tidy", crate::tidy::run)?;
    step("licenses", || licenses(&tools))?;
    step("web", || crate::web::check(&tools))?;
    step("lints", || {
        let mut clippy = tools.cargo()?;
        clippy.args(["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "--deny", "warnings"]);
        process::run(&mut clippy)
    })?;
    // Word for word the README's command, so that a README which no longer works fails here.
    step("tests", || process::run(tools.cargo()?.args(["xtask", "test"])))
}

fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("== {name}");
    let start = Instant::now();
    work().with_context(|| format!("step `{name}`"))?;
    println!("== {name}: passed in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Licenses, bans and sources always; known vulnerabilities when their database can be had.
fn licenses(tools: &Tools) -> Result<()> {
    process::run(tools.cargo()?.args([
        "deny",
        "--log-level",
        "error",
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ]))?;
    let mut fetch = tools.cargo()?;
    fetch.args(["deny", "--log-level", "error", "fetch", "db"]);
    match process::output(&mut fetch) {
        Ok(_) => process::run(tools.cargo()?.args(["deny", "check", "--disable-fetch", "advisories"])),
        Err(error) => {
            println!("advisories: NOT checked, their database cannot be had from here ({error:#})");
            Ok(())
        }
    }
}
