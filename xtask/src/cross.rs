//! The standard library for targets that rustup cannot fetch here, built from Debian's copy of the very sources that the
//! installed toolchain was built from. The result is an ordinary toolchain folder with one more target.

use crate::process;
use crate::setup::{Package, Tools};
use crate::{folders, signals};
use anyhow::{Context, Result, ensure};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The suites whose `rust-src` may be the toolchain's.
const SUITES: &[&str] = &["trixie-backports", "sid", "trixie"];

/// A toolchain folder that also has a target of another system.
pub(crate) struct Toolchain {
    folder: PathBuf,
    target: &'static str,
}

impl Toolchain {
    /// The toolchain with the target's standard library; built on first use, which takes some minutes, and kept.
    pub(crate) fn with(tools: &Tools, target: &'static str) -> Result<Self> {
        let version = version()?;
        let home = tools.root().join("cross").join(&version);
        let toolchain = Self { folder: home.join("toolchain"), target };
        let marker = home.join(format!("{target}.complete"));
        if marker.exists() {
            return Ok(toolchain);
        }
        println!("building the standard library {version} for {target} (some minutes, once)");
        fs::create_dir_all(&home).with_context(|| format!("creating {}", home.display()))?;
        let sources = sources(tools, &version)?;
        if !toolchain.folder.exists() {
            copy_toolchain(&toolchain.folder)?;
        }
        toolchain.build(&sources, &home)?;
        fs::write(&marker, "").with_context(|| format!("writing {}", marker.display()))?;
        Ok(toolchain)
    }

    fn build(&self, sources: &Path, home: &Path) -> Result<()> {
        let target = self.target;
        let work = tempfile::Builder::new().prefix("std-").tempdir_in(home).context("creating a build folder")?;
        let mut cargo = Command::new("nice");
        cargo
            .arg(self.folder.join("bin/cargo"))
            .args("rustc --quiet --release -p sysroot --lib --crate-type rlib".split(' '));
        cargo.args(["--target", target, "--features", "panic-unwind,backtrace", "--target-dir"]).arg(work.path());
        cargo.current_dir(sources.join("library")).env("RUSTC", self.rustc()).env("RUSTC_BOOTSTRAP", "1");
        cargo.env("RUSTFLAGS", "-Cforce-unwind-tables=yes -Zforce-unstable-if-unmarked -Cembed-bitcode=yes");
        alone(&mut cargo);
        process::output(cargo.env_remove("CARGO_TARGET_DIR"))?;
        let place = self.folder.join("lib/rustlib").join(target).join("lib");
        if place.exists() {
            fs::remove_dir_all(&place).with_context(|| format!("removing {}", place.display()))?;
        }
        fs::create_dir_all(&place).with_context(|| format!("creating {}", place.display()))?;
        let built = work.path().join(target).join("release/deps");
        for entry in fs::read_dir(&built).with_context(|| format!("listing {}", built.display()))? {
            let file = entry.context("listing what was built")?.path();
            if file.extension().is_some_and(|end| end == "rlib") {
                let name = file.file_name().unwrap_or_default();
                fs::copy(&file, place.join(name)).with_context(|| format!("copying {}", file.display()))?;
            }
        }
        if target.ends_with("windows-gnu") {
            for part in ["rsbegin", "rsend"] {
                let mut rustc = Command::new(self.rustc());
                rustc.args(["--edition", "2021", "--crate-type", "lib", "--emit=obj", "--target", target, "-o"]);
                rustc.arg(place.join(format!("{part}.o"))).arg(sources.join(format!("library/rtstartup/{part}.rs")));
                alone(&mut rustc);
                process::output(rustc.env("RUSTC_BOOTSTRAP", "1"))?;
            }
        }
        signals::check()
    }

    fn rustc(&self) -> PathBuf {
        self.folder.join("bin/rustc")
    }

    /// A cargo command of this toolchain, with a target directory of its own: the host's build scripts are compiled with
    /// another compiler binary, and would push each other out of a shared one.
    pub(crate) fn cargo(&self, tools: &Tools) -> Result<Command> {
        let mut command = tools.command(self.folder.join("bin/cargo"))?;
        let path = env::join_paths([self.folder.join("bin")].into_iter().chain(env::split_paths(&tools.path()?)))
            .context("PATH")?;
        command.current_dir(folders::checkout()?).env("PATH", path).env("RUSTC", self.rustc());
        command.env("CARGO_TARGET_DIR", self.target_directory()?);
        alone(&mut command);
        Ok(command)
    }

    /// Where this toolchain builds.
    pub(crate) fn target_directory(&self) -> Result<PathBuf> {
        Ok(folders::target()?.join("cross"))
    }
}

/// Keeps a program of the copied toolchain from finding the one that runs us: `cargo run` and rustup leave its libraries in
/// the environment, and the compiler looks for its targets beside its libraries.
fn alone(command: &mut Command) {
    process::forget_package(command);
    command.env_remove("LD_LIBRARY_PATH").env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
}

fn rustc() -> OsString {
    env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

/// The version of the toolchain in use, such as `1.95.0`.
fn version() -> Result<String> {
    let text = process::text(Command::new(rustc()).arg("--version").current_dir(folders::checkout()?))?;
    let version = text.split_whitespace().nth(1).context("what `rustc --version` printed")?;
    Ok(version.to_string())
}

/// The sources of the standard library, with the one change that it is built without a linker.
fn sources(tools: &Tools, version: &str) -> Result<PathBuf> {
    let wanted = format!("{version}+");
    let package = Package { name: "rust-src", version: &wanted, suites: SUITES };
    let inside = format!("usr/src/rustc-{version}");
    let folder = package.extract(tools.root(), |folder| {
        ensure!(folder.join(&inside).join("library/sysroot").exists(), "it does not hold {inside}");
        Ok(())
    })?;
    let sources = folder.join(inside);
    let manifest = sources.join("library/std/Cargo.toml");
    let text = fs::read_to_string(&manifest).with_context(|| format!("reading {}", manifest.display()))?;
    let text = text.replace(r#"crate-type = ["dylib", "rlib"]"#, r#"crate-type = ["rlib"]"#);
    fs::write(&manifest, text).with_context(|| format!("writing {}", manifest.display()))?;
    Ok(sources)
}

/// Copies the toolchain in use; as hard links where that is possible.
fn copy_toolchain(folder: &Path) -> Result<()> {
    let sysroot = process::text(Command::new(rustc()).args(["--print", "sysroot"]).current_dir(folders::checkout()?))?;
    let sysroot = fs::canonicalize(sysroot.trim()).context("the toolchain's folder")?;
    let part = folder.with_extension("part");
    if part.exists() {
        fs::remove_dir_all(&part).with_context(|| format!("removing {}", part.display()))?;
    }
    if process::output(Command::new("cp").arg("-al").arg(&sysroot).arg(&part)).is_err() {
        let _ = fs::remove_dir_all(&part);
        process::output(Command::new("cp").arg("-a").arg(&sysroot).arg(&part))?;
    }
    fs::rename(&part, folder).with_context(|| format!("renaming {}", part.display()))
}
