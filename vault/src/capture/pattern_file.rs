//! Files that hold patterns, one a line, as restic reads them.

use std::path::Path;

use crate::error::{Error, Result};

/// The lines of a list that say something.
pub fn lines(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty())
}

/// The lines of a file without comments, with the variables that they name filled in.
///
/// # Errors
/// The file cannot be read.
pub fn patterns_in(file: &Path, variable: &impl Fn(&str) -> Vec<u8>) -> Result<Vec<Vec<u8>>> {
    let list =
        std::fs::read(file).map_err(|error| Error::io(format!("read the patterns in {}", file.display()), error))?;
    let list = list.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&list);
    Ok(lines(list).filter(|line| !line.starts_with(b"#")).map(|line| expand(line, variable)).collect())
}

/// Fills in `$NAME` and `${NAME}`; `$$` is a dollar sign. As Go's `os.Expand`.
fn expand(line: &[u8], variable: &impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        let after = rest.get(at + 1..).unwrap_or_default();
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let (name, length) = match after.first() {
            Some(b'{') => match after.iter().position(|byte| *byte == b'}') {
                Some(end) => (after.get(1..end).unwrap_or_default(), end + 1),
                // Go eats the bracket that is not closed.
                None => (&[][..], 1),
            },
            Some(b'$') => (&b"$"[..], 1),
            Some(digit) if digit.is_ascii_digit() => (after.get(..1).unwrap_or_default(), 1),
            _ => {
                let length = after.iter().take_while(|byte| is_name(byte)).count();
                (after.get(..length).unwrap_or_default(), length)
            }
        };
        match name {
            b"$" => out.push(b'$'),
            b"" if length == 0 => out.push(b'$'),
            name => out.extend_from_slice(&variable(&String::from_utf8_lossy(name))),
        }
        rest = after.get(length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let variable = |name: &str| if name == "HOME" { b"/home/x".to_vec() } else { Vec::new() };
        assert_eq!(String::from_utf8_lossy(&expand(line.as_bytes(), &variable)), expected, "{line}");
    }

    #[test]
    fn variables_are_filled_in_as_go_does_it() {
        check("plain", "plain");
        check("$HOME/.cache", "/home/x/.cache");
        check("${HOME}x/*.o", "/home/xx/*.o");
        check("cost$$", "cost$");
        check("$NONE/x", "/x");
        check("a$ b$", "a$ b$");
    }
}
