//! `cargo xtask run`: builds Bygone, and lets it show itself: a server, an agent, and a mount of what they captured.

use crate::folders;
use crate::process;
use crate::setup::{self, Purpose};
use crate::signals;
use crate::web;
use anyhow::Result;
use std::process::Command;

/// Runs the demo; with `once` it proves what it shows, and ends.
pub(crate) fn run(once: bool) -> Result<()> {
    signals::watch()?;
    let tools = setup::run(Purpose::Demo)?;
    web::build(&tools)?;
    println!("building bygone (release)");
    process::run(tools.cargo()?.args(["build", "--quiet", "--release", "--package", "bygone"]).args(web::FEATURES))?;
    let mut demo: Command = tools.command(folders::target()?.join("release/bygone"))?;
    demo.arg("demo").args(once.then_some("--once"));
    process::run(&mut demo)
}
