//! What a URL names.

use bygone_common::Id;
use bygone_vault::backend::{FileId, FileKind};

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The repository itself.
    Repository,
    /// All files of a kind.
    Folder(FileKind),
    /// One file.
    File(FileId),
}

/// The parts of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked<'a> {
    pub(super) org: &'a str,
    pub(super) repository: &'a str,
    pub(super) target: Target,
}

impl<'a> Asked<'a> {
    /// Reads `/restic/<org>/<repository>/…`; `None` for what the protocol does not have. Nothing in it is ever encoded.
    pub(super) fn parse(path: &'a str) -> Option<Self> {
        let mut parts = path.strip_prefix("/restic/")?.splitn(3, '/');
        let (org, repository) = (parts.next()?, parts.next()?);
        let target = match parts.next() {
            None | Some("") => Target::Repository,
            Some("config") => Target::File(FileId::CONFIG),
            Some(rest) => {
                let (folder, name) = rest.split_once('/')?;
                let kind = kind_of(folder)?;
                match name {
                    "" => Target::Folder(kind),
                    name => Target::File(FileId::new(kind, id_of(name)?)),
                }
            }
        };
        (!org.is_empty() && !repository.is_empty()).then_some(Self { org, repository, target })
    }
}

fn kind_of(folder: &str) -> Option<FileKind> {
    match folder {
        "data" => Some(FileKind::Pack),
        "keys" => Some(FileKind::Key),
        "locks" => Some(FileKind::Lock),
        "snapshots" => Some(FileKind::Snapshot),
        "index" => Some(FileKind::Index),
        _ => None,
    }
}

fn id_of(name: &str) -> Option<Id> {
    // Upper-case digits would name the same file a second time.
    let is_lower = name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_lower.then(|| Id::from_hex(name.as_bytes())).flatten()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn paths_name_what_the_protocol_has_and_nothing_else() {
        let hex = "ab".repeat(32);
        let file = |kind| Some(Target::File(FileId::new(kind, Id::new([0xab; 32]))));
        for (path, expected) in [
            ("/restic/acme/main", Some(Target::Repository)),
            ("/restic/acme/main/", Some(Target::Repository)),
            ("/restic/acme/main/config", Some(Target::File(FileId::CONFIG))),
            ("/restic/acme/main/config/", None),
            ("/restic/acme/main/data/", Some(Target::Folder(FileKind::Pack))),
            ("/restic/acme/main/data", None),
            (&format!("/restic/acme/main/locks/{hex}"), file(FileKind::Lock)),
            (&format!("/restic/acme/main/data/{hex}"), file(FileKind::Pack)),
            (&format!("/restic/acme/main/data/ab/{hex}"), None),
            (&format!("/restic/acme/main/data/{}", hex.to_uppercase()), None),
            (&format!("/restic/acme/main/data/{hex}/"), None),
            ("/restic/acme/main/data/abc", None),
            ("/restic/acme/main/other/", None),
            ("/restic/acme/main//", None),
            ("/restic/acme/main/../other/config", None),
            ("/restic/acme", None),
            ("/restic//main/", None),
            ("/restic/acme//config", None),
            ("/restic/", None),
        ] {
            assert_eq!(Asked::parse(path).map(|asked| asked.target), expected, "{path}");
        }
        let asked = Asked::parse("/restic/acme/main/").unwrap();
        assert_eq!((asked.org, asked.repository), ("acme", "main"));
    }
}
