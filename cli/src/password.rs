//! Where the password comes from: options, environment, a command, a person.

use std::path::Path;
use std::process::{Command, Stdio};

use bygone_common::Secret;
use bygone_vault::{Error, ErrorKind, Result};
use zeroize::Zeroize;

use crate::global::{Global, Role};

/// Bytes of a password file that are read at most.
const PASSWORD_BYTES_MAX: u64 = 64 * 1024;

/// The first of: the options, `BYGONE_PASSWORD…`, `RESTIC_PASSWORD…`, a person at the terminal.
///
/// # Errors
/// A file or command that gives none; nobody to ask.
pub(crate) fn find(global: &Global, location: &str) -> Result<Secret<String>> {
    match given(global)? {
        Some(password) => Ok(password),
        None => from_person(global.role, location),
    }
}

/// The same for a repository that is to be made: a person is asked twice.
///
/// # Errors
/// As [`find`]; the person gave nothing, or two different passwords.
pub(crate) fn find_first(global: &Global, location: &str) -> Result<Secret<String>> {
    match given(global)? {
        Some(password) => Ok(password),
        None => twice(&format!("password for the new repository {location}")),
    }
}

/// A password for a new key: of a file, or by a person who is asked twice.
///
/// # Errors
/// A file that gives none; nobody to ask; the person gave nothing, or two different passwords.
pub(crate) fn find_new(file: Option<&Path>, none: bool) -> Result<Secret<String>> {
    match (file, none) {
        (Some(file), _) => from_file(file),
        (None, true) => Ok(Secret::new(String::new())),
        (None, false) => twice("new password"),
    }
}

/// What options and environment give.
fn given(global: &Global) -> Result<Option<Secret<String>>> {
    if global.insecure_no_password {
        return Ok(Some(Secret::new(String::new())));
    }
    if let Some(file) = &global.password_file {
        return from_file(file).map(Some);
    }
    if let Some(command) = &global.password_command {
        return from_command(command).map(Some);
    }
    for prefix in ["BYGONE", "RESTIC"] {
        let variable = |name| variable(&global.role.variable(prefix, name));
        if let Some(password) = variable("PASSWORD")? {
            return Ok(Some(Secret::new(password)));
        }
        if let Some(file) = variable("PASSWORD_FILE")? {
            return from_file(Path::new(&file)).map(Some);
        }
        if let Some(command) = variable("PASSWORD_COMMAND")? {
            return from_command(&command).map(Some);
        }
    }
    Ok(None)
}

/// Asks for a password that is about to be the only one.
fn twice(what: &str) -> Result<Secret<String>> {
    let ask = |prompt: String| {
        rpassword::prompt_password(prompt).map(Secret::new).map_err(|error| {
            let told = "no new password: give it by a file, by the environment, or start from a terminal";
            Error::new(ErrorKind::InvalidInput, told).because(error)
        })
    };
    let password = ask(format!("{what}: "))?;
    if password.expose().is_empty() {
        let told = "an empty password protects nothing; say --insecure-no-password if that is meant";
        return Err(Error::new(ErrorKind::InvalidInput, told));
    }
    if ask(format!("{what}, again: "))? != password {
        return Err(Error::new(ErrorKind::InvalidInput, "the two passwords differ"));
    }
    Ok(password)
}

/// A variable of the environment; an empty one counts as unset.
///
/// # Errors
/// `InvalidInput` when it is not Unicode.
pub(crate) fn variable(name: &str) -> Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Error::new(ErrorKind::InvalidInput, format!("the environment's {name} is not UTF-8")))
        }
    }
}

fn from_file(path: &Path) -> Result<Secret<String>> {
    let fault = |error| Error::io(format!("read the password file {}", path.display()), error);
    let file = std::fs::File::open(path).map_err(fault)?;
    let mut text = String::new();
    std::io::Read::read_to_string(&mut std::io::Read::take(file, PASSWORD_BYTES_MAX), &mut text).map_err(fault)?;
    first_line(text)
        .ok_or_else(|| Error::new(ErrorKind::InvalidInput, format!("the password file {} is empty", path.display())))
}

fn from_command(command: &str) -> Result<Secret<String>> {
    let refused = |why: &str| Error::new(ErrorKind::InvalidInput, format!("password command {command:?}: {why}"));
    let words = split_words(command).ok_or_else(|| refused("a quote is not closed"))?;
    let (program, arguments) = words.split_first().ok_or_else(|| refused("it is empty"))?;
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::inherit())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Error::io(format!("run the password command {program:?}"), error))?;
    if !output.status.success() {
        let what = format!("the password command {program:?} failed: {}", output.status);
        return Err(Error::new(ErrorKind::Io, what));
    }
    let text = String::from_utf8(output.stdout).map_err(|_| refused("what it printed is not UTF-8"))?;
    first_line(text).ok_or_else(|| refused("it printed nothing"))
}

/// Asks on the terminal, even when input and output are redirected.
fn from_person(role: Role, location: &str) -> Result<Secret<String>> {
    match rpassword::prompt_password(format!("password of {location}: ")) {
        Ok(password) => Ok(Secret::new(password)),
        Err(error) => {
            let what = match role {
                Role::Main | Role::Mirror => {
                    "no password: set RESTIC_PASSWORD, RESTIC_PASSWORD_FILE or RESTIC_PASSWORD_COMMAND, or give \
                     --password-file, or start from a terminal"
                }
                Role::From => {
                    "no password for what is taken from: set RESTIC_FROM_PASSWORD, RESTIC_FROM_PASSWORD_FILE or \
                     RESTIC_FROM_PASSWORD_COMMAND, or give --from-password-file, or start from a terminal"
                }
            };
            Err(Error::new(ErrorKind::InvalidInput, what).because(error))
        }
    }
}

/// The first line, which is the password; `None` when it is empty. Windows editors begin files with a mark.
fn first_line(mut text: String) -> Option<Secret<String>> {
    let line = text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default().to_owned();
    text.zeroize();
    (!line.is_empty()).then(|| Secret::new(line))
}

/// Splits as a shell does: at spaces outside quotes. No variables, no backslashes on Windows, where they are paths.
fn split_words(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (Some(open), close) if open == close => quote = None,
            (None | Some('"'), '\\') if cfg!(unix) => word.get_or_insert_default().extend(characters.next()),
            (None, space) if space.is_whitespace() => words.extend(word.take()),
            (_, other) => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(command: &str, expected: Option<&[&str]>) {
        let words = split_words(command);
        assert_eq!(
            words.as_deref(),
            expected.map(|words| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).as_deref()
        );
    }

    #[test]
    fn commands_are_split_as_a_shell_splits_them() {
        check("pass show  backup", Some(&["pass", "show", "backup"]));
        check(r#"a 'b c' "d e"f '' "#, Some(&["a", "b c", "d ef", ""]));
        check("a 'b", None);
        check("", Some(&[]));
    }

    #[test]
    fn the_first_line_of_a_file_is_the_password() {
        let line = |text: &str| first_line(text.to_owned()).map(|secret| secret.expose().clone());
        assert_eq!(line("secret\nrest"), Some("secret".to_owned()));
        assert_eq!(line("\u{feff}secret\r\n"), Some("secret".to_owned()));
        assert_eq!(line(" with spaces \n"), Some(" with spaces ".to_owned()));
        assert_eq!(line("\nsecret"), None);
    }
}
