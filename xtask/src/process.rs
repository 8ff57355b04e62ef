//! Starting other programs, with errors that say in one line what was tried and what came of it.

use crate::signals::{self, Running};
use anyhow::{Context, Result, bail};
use std::env;
use std::ffi::OsStr;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

/// How much of a failed program's last line goes into the error.
const QUOTED_CHARS_MAX: usize = 300;

/// Runs a program to its end; what it prints goes where our own output goes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let mut child = start(command)?;
    let running = Running::new(&child);
    let status = child.wait().with_context(|| format!("waiting for `{}`", shown(command)))?;
    drop(running);
    signals::check()?;
    if status.success() { Ok(()) } else { bail!("`{}` {}", shown(command), ended(status)) }
}

/// Runs a program to its end and returns what it wrote to its standard output; a failure quotes the last line of what it
/// wrote to its standard error.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = any_output(command)?;
    if output.status.success() { Ok(output.stdout) } else { Err(failure(command, &output)) }
}

/// As [`output`], as text.
pub(crate) fn text(command: &mut Command) -> Result<String> {
    String::from_utf8(output(command)?).with_context(|| format!("what `{}` printed", shown(command)))
}

/// Runs a program to its end and returns all it wrote, whether it failed or not.
pub(crate) fn any_output(command: &mut Command) -> Result<Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = start(command)?;
    let running = Running::new(&child);
    let output = child.wait_with_output().with_context(|| format!("waiting for `{}`", shown(command)))?;
    drop(running);
    signals::check()?;
    Ok(output)
}

/// Runs a program that cleans up: as [`any_output`], but no signal ends it or keeps it from starting.
pub(crate) fn clean_up(command: &mut Command) -> Result<Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    start(command)?.wait_with_output().with_context(|| format!("waiting for `{}`", shown(command)))
}

fn start(command: &mut Command) -> Result<Child> {
    command.spawn().with_context(|| format!("cannot start `{}`", shown(command)))
}

/// The error of a program that ran and failed.
pub(crate) fn failure(command: &Command, output: &Output) -> anyhow::Error {
    let said =
        [&output.stderr, &output.stdout].into_iter().find_map(|bytes| last_line(&String::from_utf8_lossy(bytes)));
    match said {
        Some(said) => anyhow::anyhow!("`{}` {}: {said}", shown(command), ended(output.status)),
        None => anyhow::anyhow!("`{}` {}", shown(command), ended(output.status)),
    }
}

/// Keeps from a `cargo` that we start what the `cargo run` that started us says of our own package. Some build scripts watch
/// these variables, and half of the workspace would be compiled anew at each change between `cargo` and `cargo xtask`.
pub(crate) fn forget_package(cargo: &mut Command) {
    let ours = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_CRATE_NAME", "CARGO_BIN_NAME", "CARGO_PRIMARY_PACKAGE"];
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| ours.iter().any(|start| name.starts_with(start))) {
            cargo.env_remove(name);
        }
    }
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./=:@,+%~".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// How a program ended, as the end of a sentence.
pub(crate) fn ended(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => format!("was ended by a signal ({status})"),
    }
}

fn last_line(text: &str) -> Option<String> {
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.chars().take(QUOTED_CHARS_MAX).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn failure_names_command_code_and_last_line() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo first >&2; echo it broke >&2; exit 3"]);
        let error = output(&mut command).unwrap_err().to_string();
        assert_eq!(error, "`sh -c 'echo first >&2; echo it broke >&2; exit 3'` ended with exit code 3: it broke");
    }

    #[test]
    fn missing_program_is_named() {
        let error = format!("{:#}", run(&mut Command::new("no-such-program-here")).unwrap_err());
        assert!(error.starts_with("cannot start `no-such-program-here`: "), "{error}");
    }
}
