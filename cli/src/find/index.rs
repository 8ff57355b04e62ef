//! What a server's index says: where to look. It folds case and accents, and knows words, and not our patterns: so it is asked
//! for a part of each pattern that every fitting name holds as it is, and what it finds is looked at like everything else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bygone_client::portal::FoundPath;
use bygone_common::SnapshotPath;
use bygone_vault::{Error, ErrorKind, Result};

use crate::console;
use crate::drive::Connected;

/// Paths that are looked at one by one, at most: with more, it is as well to look at everything.
const PATHS_MAX: usize = 20_000;

/// Asks a server's index for paths of which any may fit, and no other. Nothing where it cannot tell: a pattern without a part to
/// ask for, too many paths, a server without an index, or with one that does not know everything; the last is said.
///
/// # Errors
/// What the server answers.
pub(super) fn ask(server: &Connected, patterns: &[String]) -> Result<Option<Vec<SnapshotPath>>> {
    let parts: Option<Vec<&str>> = patterns.iter().map(|pattern| part(pattern)).collect();
    let Some(parts) = parts else { return Ok(None) };
    let mut paths = Vec::new();
    for part in parts {
        let query = format!("name:{part}");
        let mut after: Option<String> = None;
        loop {
            let found = match server.search(&query, after.as_deref()) {
                Ok(found) => found,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
            if found.partial {
                console::line("the server's index does not know everything: looking at every folder");
                return Ok(None);
            }
            for hit in &found.hits {
                paths.push(path(hit)?);
            }
            if paths.len() > PATHS_MAX {
                return Ok(None);
            }
            after = found.next;
            if after.is_none() {
                break;
            }
        }
    }
    tracing::info!(paths = paths.len(), "the server's index says where to look");
    Ok(Some(paths))
}

fn path(hit: &FoundPath) -> Result<SnapshotPath> {
    let wrong = || Error::new(ErrorKind::Unavailable, "the server's index names a path that is none");
    let bytes = match &hit.path_base64 {
        Some(encoded) => STANDARD.decode(encoded).map_err(|_| wrong())?,
        None => hit.path.clone().into_bytes(),
    };
    SnapshotPath::parse(&bytes).map_err(|_| wrong())
}

/// The longest run of letters and digits that every name holds that a glob fits; nothing if there is none.
fn part(glob: &str) -> Option<&str> {
    // Of a whole path, the last name is what is found; what fits any number of them fits any name.
    let name = glob.rsplit('/').next().unwrap_or(glob);
    let (mut longest, mut begun, mut depth) = ("", None, 0_usize);
    let mut is_escaped = false;
    for (at, character) in name.char_indices().chain([(name.len(), '/')]) {
        let is_plain = depth == 0 && !is_escaped && character.is_alphanumeric();
        match (is_plain, begun) {
            (true, None) => begun = Some(at),
            (false, Some(from)) => {
                let run = name.get(from..at).unwrap_or_default();
                longest = if run.len() > longest.len() { run } else { longest };
                begun = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' | '{' => depth += 1,
            // Braces that hold a slash were cut in two.
            ']' | '}' if depth == 0 => return None,
            ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    Some(longest).filter(|longest| !longest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_fitting_name_holds_is_asked_for() {
        let cases = [
            ("report.pdf", Some("report")),
            ("*.docx", Some("docx")),
            ("/home/*/an?ual_report*", Some("report")),
            ("{report,table}.pdf", Some("pdf")),
            ("[Rr]eadme", Some("eadme")),
            ("отч*т", Some("отч")),
            ("a\\*b", Some("a")),
            ("\\abc", Some("bc")),
            ("*", None),
            ("/home/**", None),
            ("{a,b}", None),
            ("{x/a,b}", None),
            ("", None),
        ];
        for (glob, expected) in cases {
            assert_eq!(part(glob), expected, "{glob}");
        }
    }
}
