//! What must be on the machine, and how it gets there.
//!
//! Everything that is not a package of the system goes to one tools folder (`folders::tools`), whose `bin/` holds links
//! named `restic`, `restic-0.14`, `weed` and `rclone`. A run that finds all of it in place only looks at files.

mod component;
mod debian;
mod install;

use crate::{folders, process};
use anyhow::{Context, Result, bail};
use component::{COMPONENTS, Component, Probe};
pub(crate) use debian::Package;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a set of programs is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Purpose {
    /// `cargo xtask run`
    Demo,
    /// `cargo xtask test`
    Tests,
    /// `cargo xtask ci`
    Ci,
    /// `cargo xtask bench`
    Bench,
    /// `cargo xtask bench`, with the peers that must be compiled
    Peers,
    /// `cargo xtask windows`
    Windows,
    /// `cargo xtask darwin`
    Darwin,
}

impl Purpose {
    fn needs(self, component: &Component) -> bool {
        component.purposes.contains(&self)
    }
}

/// The tools folder, with everything in it that the purpose needs.
pub(crate) struct Tools {
    root: PathBuf,
}

impl Tools {
    /// The folder itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The file of a program in the tools folder's `bin/`.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.root.join("bin").join(name)
    }

    /// `PATH` with the tools in front and the folders of system programs behind.
    pub(crate) fn path(&self) -> Result<OsString> {
        let old = env::var_os("PATH").unwrap_or_default();
        let front = [self.root.join("bin"), self.root.join("cargo/bin")];
        let folders = front.into_iter().chain(env::split_paths(&old)).chain(["/usr/sbin".into(), "/sbin".into()]);
        env::join_paths(folders).context("PATH")
    }

    /// A command that finds the tools, by `PATH` and by `BYGONE_TOOLS`.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Result<Command> {
        let mut command = Command::new(program);
        command.env("PATH", self.path()?).env("BYGONE_TOOLS", &self.root);
        Ok(command)
    }

    /// `cargo` with the tools at hand and the kept target directory.
    pub(crate) fn cargo(&self) -> Result<Command> {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))?;
        command.current_dir(folders::checkout()?).env("CARGO_TARGET_DIR", folders::target()?);
        process::forget_package(&mut command);
        Ok(command)
    }
}

/// Checks that everything the purpose needs is there, and installs what is missing.
///
/// Fails with one line that names each component that is missing and cannot be installed here, and how to get it.
pub(crate) fn run(purpose: Purpose) -> Result<Tools> {
    let root = folders::tools()?;
    let tools = Tools { root };
    if missing(purpose, &tools).is_empty() {
        return Ok(tools);
    }
    fs::create_dir_all(tools.root.join("bin")).with_context(|| format!("creating {}", tools.root.display()))?;
    // Two set-ups at once would extract into each other's files; what the other one installed is then found in place.
    let _lock = lock(&tools.root)?;
    let missing = missing(purpose, &tools);
    let blocked: Vec<String> = missing.iter().filter_map(|component| install::obstacle(component)).collect();
    if !blocked.is_empty() {
        bail!("missing and not installable here:\n  {}", blocked.join("\n  "));
    }
    install::all(&missing, &tools)
}

fn missing(purpose: Purpose, tools: &Tools) -> Vec<&'static Component> {
    COMPONENTS.iter().filter(|component| purpose.needs(component) && !present(&component.probe, tools)).collect()
}

fn present(probe: &Probe, tools: &Tools) -> bool {
    match *probe {
        Probe::Program(name) => folders::program(name).is_some(),
        Probe::File(path) => Path::new(path).exists(),
        // `exists` follows the link, so a link into a removed folder counts as missing.
        Probe::Tool(name) => tools.program(name).exists(),
        Probe::Cargo(name) => folders::program(name).is_some() || tools.root.join("cargo/bin").join(name).exists(),
    }
}

fn lock(root: &Path) -> Result<File> {
    let path = root.join("setup.lock");
    let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    file.lock().with_context(|| format!("locking {}", path.display()))?;
    Ok(file)
}
