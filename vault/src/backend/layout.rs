//! The names of a repository's files, in restic's default layout, which is the same on every kind of storage.

use bygone_common::Id;

use super::{FileId, FileKind};

/// The file's path relative to the repository, with slashes: `config`, `keys/<id>`, `data/<first byte>/<id>`.
pub(super) fn path_of(file: FileId) -> String {
    let folder = file.kind.folder();
    match file.kind {
        FileKind::Config => folder.to_owned(),
        FileKind::Pack => {
            let name = file.id.to_hex();
            let shard: String = name.chars().take(2).collect();
            format!("{folder}/{shard}/{name}")
        }
        FileKind::Key | FileKind::Lock | FileKind::Snapshot | FileKind::Index => format!("{folder}/{}", file.id),
    }
}

/// The id that a file's name stands for; `None` for a name that restic would not write.
pub(super) fn id_of(name: &str) -> Option<Id> {
    // Upper-case digits would parse, but the file could then not be found under the id's own spelling.
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    Id::from_hex(name.as_bytes())
}

/// The id of a pack in the folder `shard` (two hexadecimal digits); `None` when the file does not belong there.
pub(super) fn pack_id_of(shard: &str, name: &str) -> Option<Id> {
    id_of(name).filter(|_| is_shard(shard) && name.starts_with(shard))
}

/// Whether a folder inside `data/` may hold packs.
pub(super) fn is_shard(name: &str) -> bool {
    name.len() == 2 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_lie_where_restic_puts_them() {
        let id = Id::new([0xab; 32]);
        let hex = "ab".repeat(32);
        assert_eq!(path_of(FileId::CONFIG), "config");
        assert_eq!(path_of(FileId::new(FileKind::Snapshot, id)), format!("snapshots/{hex}"));
        assert_eq!(path_of(FileId::new(FileKind::Pack, id)), format!("data/ab/{hex}"));
    }

    #[test]
    fn only_names_that_restic_writes_are_ids() {
        let hex = "ab".repeat(32);
        assert_eq!(id_of(&hex), Some(Id::new([0xab; 32])));
        assert_eq!(id_of(&hex.to_uppercase()), None);
        assert_eq!(id_of(&format!("{hex}-tmp-1")), None);
        assert_eq!(pack_id_of("ac", &hex), None);
    }
}
