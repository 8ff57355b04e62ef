//! A Windows of our own: a wine prefix in the tools folder, and its server, which ends with us.

use crate::process;
use crate::setup::Tools;
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// What runs Windows programs.
pub(crate) const PROGRAM: &str = "wine-stable";

const RANDOM_SOURCE: &str = include_str!("bcryptprimitives.c");

/// The prefix. On drop its processes are ended.
pub(crate) struct Wine {
    prefix: PathBuf,
}

impl Wine {
    /// Makes the prefix on first use.
    pub(crate) fn start(tools: &Tools) -> Result<Self> {
        let wine = Self { prefix: tools.root().join("wine") };
        let system = wine.prefix.join("drive_c/windows/system32");
        if !system.join("kernel32.dll").exists() {
            println!("making a Windows prefix (once)");
            process::output(wine.command().args(["wineboot", "-i"]))?;
        }
        let library = system.join("bcryptprimitives.dll");
        if !library.exists() {
            let source = wine.prefix.join("bcryptprimitives.c");
            fs::write(&source, RANDOM_SOURCE).with_context(|| format!("writing {}", source.display()))?;
            let mut gcc = Command::new("x86_64-w64-mingw32-gcc");
            process::output(gcc.args(["-O2", "-shared", "-o"]).arg(&library).arg(&source).arg("-ladvapi32"))?;
        }
        Ok(wine)
    }

    /// A command that runs a Windows program.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        self.settle(&mut command);
        command
    }

    /// Makes a program that starts Windows programs use this prefix, without windows and chatter.
    pub(crate) fn settle(&self, command: &mut Command) {
        command.env("WINEPREFIX", &self.prefix).env("WINEDEBUG", "-all").env("DISPLAY", "");
        command.env("WINEDLLOVERRIDES", "mscoree,mshtml=");
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        let mut server = Command::new("/usr/lib/wine/wineserver");
        self.settle(&mut server);
        if let Err(error) = process::clean_up(server.arg("-k")) {
            eprintln!("ending wine: {error:#}");
        }
    }
}
