//! What OpenSSH's configuration files say of one host: ssh_config(5), as far as it leads to a server.
//!
//! Of each thing the first value found counts, identity files add up. Blocks begin with `Host`, or with `Match`, of which
//! only `Match all` is understood: what stands under any other condition is left out. Other keywords are passed over.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::host_key::fits;
use crate::error::{Error, ErrorKind, Result};

/// Files that include files that include files.
const INCLUDES_DEEP_MAX: usize = 16;

/// What was found, as it is written: tokens and tildes are not expanded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct HostConfig {
    pub(super) host_name: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) user: Option<String>,
    pub(super) identity_files: Vec<String>,
    pub(super) known_hosts_files: Vec<String>,
    /// A program or host to go through.
    pub(super) proxy: Option<String>,
}

impl HostConfig {
    /// Reads what `files` say of `host`, by the name that the user gave. Files that do not exist are passed over.
    ///
    /// # Errors
    /// A file that cannot be read, or whose value for this host makes no sense; file and line are named.
    pub(super) fn read(files: &[PathBuf], home: Option<&Path>, host: &str) -> Result<Self> {
        let mut found = Self::default();
        for file in files {
            let base = file.parent().unwrap_or(Path::new(""));
            Reader { host, home, base, found: &mut found }.file(file, true, 0)?;
        }
        Ok(found)
    }
}

struct Reader<'a> {
    host: &'a str,
    home: Option<&'a Path>,
    /// Where relative names of included files begin.
    base: &'a Path,
    found: &'a mut HostConfig,
}

impl Reader<'_> {
    /// Reads one file, which is included where `outer` says whether it concerns the host.
    fn file(&mut self, path: &Path, outer: bool, depth: usize) -> Result<()> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::io(format!("read the SSH configuration {}", path.display()), error)),
        };
        let mut applies = outer;
        for (number, line) in (1..).zip(String::from_utf8_lossy(&text).lines()) {
            let Some((keyword, values)) = words(line) else { continue };
            let refused = |why: &str| {
                let context = format!("the SSH configuration {}:{number}: {why}", path.display());
                Error::new(ErrorKind::InvalidInput, context)
            };
            match keyword.as_str() {
                "host" => applies = outer && is_meant(&values, self.host),
                "match" => applies = outer && matches!(values.as_slice(), [only] if only.eq_ignore_ascii_case("all")),
                _ if !applies => {}
                "include" if depth >= INCLUDES_DEEP_MAX => return Err(refused("files include each other too deep")),
                "include" => {
                    let files: Vec<PathBuf> = values.iter().flat_map(|value| self.included(value)).collect();
                    for included in files {
                        self.file(&included, true, depth + 1)?;
                    }
                }
                _ => self.note(&keyword, values).map_err(refused)?,
            }
        }
        Ok(())
    }

    /// Takes over a value, unless there is one already.
    fn note(&mut self, keyword: &str, values: Vec<String>) -> Result<(), &'static str> {
        let found = &mut *self.found;
        let first = || values.first().cloned().ok_or("it gives no value");
        match keyword {
            "hostname" if found.host_name.is_none() => found.host_name = Some(first()?),
            "user" if found.user.is_none() => found.user = Some(first()?),
            "port" if found.port.is_none() => {
                let port = first()?.parse().ok().filter(|port| *port > 0);
                found.port = Some(port.ok_or("a port is a number from 1 to 65535")?);
            }
            "identityfile" => found.identity_files.push(first()?),
            "userknownhostsfile" if found.known_hosts_files.is_empty() => found.known_hosts_files = values,
            "proxyjump" | "proxycommand" if found.proxy.is_none() => found.proxy = Some(values.join(" ")),
            _ => {}
        }
        Ok(())
    }

    /// The files that an `Include` means; `*` and `?` may stand in the last part of the path.
    fn included(&self, value: &str) -> Vec<PathBuf> {
        let path = self.base.join(at_home(value, self.home));
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Vec::new() };
        let name = name.to_string_lossy();
        if !name.contains(['*', '?']) {
            return vec![path];
        }
        let entries = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        let is_hidden = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let is_named = |path: &Path| path.file_name().is_some_and(|own| fits(name.as_bytes(), own.as_encoded_bytes()));
        let mut paths: Vec<PathBuf> = entries.filter(|path| is_named(path) && !is_hidden(path)).collect();
        paths.sort();
        paths
    }
}

/// A path that may begin at the user's home.
pub(super) fn at_home(text: &str, home: Option<&Path>) -> PathBuf {
    match (text.strip_prefix("~/").or_else(|| (text == "~").then_some("")), home) {
        (Some(below), Some(home)) => home.join(below),
        _ => PathBuf::from(text),
    }
}

/// A text with the values of tokens such as `%h` in their places. Unknown tokens stay.
pub(super) fn expanded(text: &str, tokens: &[(char, &str)]) -> String {
    let mut expanded = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let token = if character == '%' { characters.next() } else { None };
        match (token, tokens.iter().find(|(name, _)| Some(*name) == token)) {
            (_, Some((_, value))) => expanded.push_str(value),
            (Some('%'), None) => expanded.push('%'),
            (token, None) => expanded.extend(std::iter::once(character).chain(token)),
        }
    }
    expanded
}

/// Whether one of a `Host` line's patterns fits, and none that begins with `!` does.
fn is_meant(patterns: &[String], host: &str) -> bool {
    let fits = |pattern: &str| fits(pattern.as_bytes(), host.as_bytes());
    let (not, of): (Vec<_>, Vec<_>) = patterns.iter().map(String::as_str).partition(|pattern| pattern.starts_with('!'));
    of.into_iter().any(fits) && !not.into_iter().any(|pattern| fits(pattern.trim_start_matches('!')))
}

/// The keyword of a line, in lower case, and its values; `None` for comments and empty lines.
fn words(line: &str) -> Option<(String, Vec<String>)> {
    let line = line.trim();
    let (keyword, rest) = line.split_at(line.find(|end: char| end.is_whitespace() || end == '=').unwrap_or(line.len()));
    if keyword.is_empty() || keyword.starts_with('#') {
        return None;
    }
    let rest = rest.trim_start();
    let mut characters = rest.strip_prefix('=').unwrap_or(rest).trim_start().chars().peekable();
    let mut values = Vec::new();
    while characters.peek().is_some_and(|first| *first != '#') {
        let (mut value, mut is_quoted) = (String::new(), false);
        while let Some(next) = characters.next_if(|next| is_quoted || !next.is_whitespace()) {
            match next {
                '"' => is_quoted = !is_quoted,
                next => value.push(next),
            }
        }
        values.push(value);
        while characters.next_if(|next| next.is_whitespace()).is_some() {}
    }
    Some((keyword.to_lowercase(), values))
}

#[cfg(test)]
mod tests;
