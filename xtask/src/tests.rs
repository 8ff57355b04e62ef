//! `cargo xtask test`: sets up, then runs every test.

use crate::setup::{self, Purpose, Tools};
use crate::{folders, process, web};
use anyhow::{Context, Result, ensure};
use std::ffi::OsStr;
use std::path::Path;
use std::{env, fs};

/// What the tests may need in the folder of temporary files, several at a time.
const TEMPORARY_BYTES_MIN: u64 = 4 << 30;

/// Runs the tests; with arguments (a filter, say) only `cargo nextest run` with these, without doc tests.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let tools = setup::run(Purpose::Tests)?;
    if arguments.is_empty() && has_doc_tests(&folders::checkout()?)? {
        process::run(tools.cargo()?.args(["test", "--workspace", "--doc", "--quiet"]))?;
    }
    nextest(&tools, arguments)?;
    if arguments.is_empty() { web::journeys(&tools) } else { Ok(()) }
}

/// Runs the tests that need programs which take long to build.
pub(crate) fn peers() -> Result<()> {
    setup::run(Purpose::Tests)?;
    let tools = setup::run(Purpose::Peers)?;
    // Of the whole workspace, as all tests are built.
    nextest(&tools, &["--features", "bygone-tests/peers", "--filterset", "binary(agent) & test(rustic)"])
}

fn nextest<A: AsRef<OsStr>>(tools: &Tools, arguments: &[A]) -> Result<()> {
    has_room(&env::temp_dir())?;
    web::build(tools)?;
    build_product(tools)?;
    let cargo = tools.cargo()?;
    let mut command = tools.command(folders::target()?.join("debug/with-postgres"))?;
    command.arg(cargo.get_program()).args(["nextest", "run"]).args(scope(arguments)).args(arguments);
    process::run(&mut command)
}

/// Servers that run out of room answer in ways that do not say so: better to say it here.
fn has_room(folder: &Path) -> Result<()> {
    let space = rustix::fs::statvfs(folder).with_context(|| format!("look at {}", folder.display()))?;
    let free = space.f_bavail.saturating_mul(space.f_frsize);
    ensure!(
        free >= TEMPORARY_BYTES_MIN,
        "the tests need {} GiB in {}, and {} MiB are free: make room, or set TMPDIR",
        TEMPORARY_BYTES_MIN >> 30,
        folder.display(),
        free >> 20
    );
    Ok(())
}

/// Every crate, unless the arguments name some.
fn scope<A: AsRef<OsStr>>(arguments: &[A]) -> &'static [&'static str] {
    let named = arguments.iter().map(AsRef::as_ref).any(names_a_package);
    if named { &[] } else { &["--workspace", web::FEATURES[0], web::FEATURES[1]] }
}

fn names_a_package(argument: &OsStr) -> bool {
    ["-p", "--package"].iter().any(|start| argument.as_encoded_bytes().starts_with(start.as_bytes()))
}

/// Tests of the whole start the `bygone` binary, which cargo builds only for the tests of its own package. Tests are named
/// beside it, of the whole workspace, so that features unify as they do for these, and nothing is compiled twice.
fn build_product(tools: &Tools) -> Result<()> {
    process::run(tools.cargo()?.args(["build", "--quiet", "--workspace", "--bins", "--tests"]).args(web::FEATURES))
}

/// Whether any library has a fenced example in its documentation that rustdoc would run.
fn has_doc_tests(checkout: &Path) -> Result<bool> {
    let files = crate::tidy::files(checkout)?;
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "rs")) {
        let path = checkout.join(file);
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        if text.lines().any(is_runnable_fence) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_runnable_fence(line: &str) -> bool {
    let line = line.trim_start();
    let documentation = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
    let Some(tags) = documentation.and_then(|text| text.trim().strip_prefix("```")) else { return false };
    // A closing fence has no tag either; counting it errs on the side of running rustdoc once for nothing.
    tags.split([',', ' ']).all(|tag| matches!(tag, "" | "rust" | "no_run" | "should_panic" | "compile_fail"))
}
