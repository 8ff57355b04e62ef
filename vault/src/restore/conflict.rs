//! What happens to what is already in the target.

use std::fmt;
use std::str::FromStr;

use bygone_common::snapshot_path::NAME_BYTES_MAX;

use super::target::Found;
use crate::error::{Error, ErrorKind};
use crate::tree::{NodeKind, NodeTime};

/// The rule for files that are in the way. What already equals the snapshot is never in the way, and directories merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnConflict {
    /// Refuse the whole restore before anything is written.
    #[default]
    Fail,
    /// Leave what is there.
    Skip,
    /// Replace what is there.
    Overwrite,
    /// Replace what was changed earlier than the snapshot's file; leave the rest.
    Newer,
    /// Leave what is there and restore beside it under a name that says when.
    KeepBoth,
    /// Move what is there to a folder in the target that says when, and take its place.
    SetAside,
}

impl OnConflict {
    /// All rules, in the order in which they are explained.
    pub const ALL: [Self; 6] = [Self::Fail, Self::Skip, Self::Overwrite, Self::Newer, Self::KeepBoth, Self::SetAside];

    /// The rule's name on command lines and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Skip => "skip",
            Self::Overwrite => "overwrite",
            Self::Newer => "newer",
            Self::KeepBoth => "keep-both",
            Self::SetAside => "set-aside",
        }
    }

    /// Whether files that equal the snapshot in size and mtime still get its permissions and owner.
    pub(super) fn renews_metadata(self) -> bool {
        match self {
            Self::Overwrite | Self::Newer | Self::SetAside => true,
            Self::Fail | Self::Skip | Self::KeepBoth => false,
        }
    }
}

impl fmt::Display for OnConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for OnConflict {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|rule| rule.name() == text).ok_or_else(|| {
            let sentence =
                format!("{text:?} is no conflict rule: fail, skip, overwrite, newer, keep-both or set-aside");
            Error::new(ErrorKind::InvalidInput, sentence)
        })
    }
}

/// What the rule makes of something that is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Refuse,
    Leave,
    Replace,
    Beside,
}

/// Judges a node that finds `found` under its name, where the two are not the same.
///
/// A directory is never removed for the sake of a file: its contents are nobody's to delete by a rule about one name.
pub(super) fn judge(rule: OnConflict, mtime: NodeTime, found: &Found) -> Verdict {
    match (rule, found.kind) {
        (OnConflict::Fail, _) => Verdict::Refuse,
        (OnConflict::Skip, _) => Verdict::Leave,
        (OnConflict::KeepBoth, _) => Verdict::Beside,
        (OnConflict::Overwrite | OnConflict::Newer | OnConflict::SetAside, NodeKind::Dir) => Verdict::Refuse,
        (OnConflict::Overwrite | OnConflict::SetAside, _) => Verdict::Replace,
        (OnConflict::Newer, _) if mtime > found.mtime => Verdict::Replace,
        (OnConflict::Newer, _) => Verdict::Leave,
    }
}

/// Granularities in nanoseconds in which file systems keep times: NTFS, several FUSE ones, exFAT.
const GRANULARITIES_NANOS: [u32; 4] = [100, 1_000, 1_000_000, 10_000_000];

/// Whether a file's mtime in the target is the snapshot's, as far as the target's file system can say it.
pub(super) fn same_instant(wanted: NodeTime, found: NodeTime) -> bool {
    if wanted == found {
        return true;
    }
    if found.nanos == 0 {
        // Whole seconds (HFS+, NFSv2, ext3), and the even ones of FAT.
        let whole = wanted.seconds == found.seconds;
        return whole || (found.seconds % 2 == 0 && wanted.seconds.checked_sub(1) == Some(found.seconds));
    }
    let cut = |granularity: &u32| wanted.nanos - wanted.nanos % granularity == found.nanos;
    wanted.seconds == found.seconds && GRANULARITIES_NANOS.iter().any(cut)
}

/// The name beside `name`: `report (restored 2026-11-20T10-00-00).txt`, with a number when even that is taken.
///
/// Never longer than a name may be: the stem is cut, at a character's end where it is UTF-8.
pub(super) fn name_beside(name: &[u8], kind: NodeKind, label: &str, attempt: u32) -> Vec<u8> {
    let dot = match kind {
        NodeKind::Dir => None,
        NodeKind::File
        | NodeKind::Symlink
        | NodeKind::BlockDevice
        | NodeKind::CharDevice
        | NodeKind::Fifo
        | NodeKind::Socket
        | NodeKind::Unknown => name.iter().rposition(|byte| *byte == b'.').filter(|dot| *dot > 0),
    };
    let (stem, extension) = name.split_at(dot.unwrap_or(name.len()));
    let mark = match attempt {
        0 => format!(" (restored {label})"),
        attempt => format!(" (restored {label}, {})", attempt + 1),
    };
    // An extension that leaves no room is no extension.
    let extension = if extension.len() + mark.len() < NAME_BYTES_MAX { extension } else { b"" };
    let room = NAME_BYTES_MAX.saturating_sub(mark.len() + extension.len());
    let mut cut = stem.len().min(room);
    while cut < stem.len() && cut > 0 && stem.get(cut).is_some_and(|byte| byte & 0xc0 == 0x80) {
        cut -= 1;
    }
    [stem.get(..cut).unwrap_or(stem), mark.as_bytes(), extension].concat()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn found(kind: NodeKind, seconds: i64) -> Found {
        Found { kind, size: 0, mtime: NodeTime { seconds, nanos: 0 }, mode: 0, uid: 0, gid: 0, device: 0 }
    }

    fn check(rule: OnConflict, kind: NodeKind, found_seconds: i64, expected: Verdict) {
        let mtime = NodeTime { seconds: 100, nanos: 0 };
        assert_eq!(judge(rule, mtime, &found(kind, found_seconds)), expected, "{rule} {kind:?} {found_seconds}");
    }

    #[test]
    fn only_the_rules_that_say_so_replace() {
        check(OnConflict::Fail, NodeKind::File, 1, Verdict::Refuse);
        check(OnConflict::Skip, NodeKind::File, 1, Verdict::Leave);
        check(OnConflict::KeepBoth, NodeKind::File, 1, Verdict::Beside);
        check(OnConflict::Overwrite, NodeKind::File, 200, Verdict::Replace);
        check(OnConflict::SetAside, NodeKind::File, 200, Verdict::Replace);
        check(OnConflict::Newer, NodeKind::File, 99, Verdict::Replace);
        check(OnConflict::Newer, NodeKind::File, 100, Verdict::Leave);
        check(OnConflict::Newer, NodeKind::File, 101, Verdict::Leave);
    }

    #[test]
    fn no_rule_removes_a_directory() {
        for rule in OnConflict::ALL {
            assert_ne!(judge(rule, NodeTime { seconds: 100, nanos: 0 }, &found(NodeKind::Dir, 1)), Verdict::Replace);
        }
    }

    #[test]
    fn rules_are_known_by_their_names() {
        for rule in OnConflict::ALL {
            assert_eq!(rule.name().parse::<OnConflict>().unwrap(), rule);
        }
        assert!("always".parse::<OnConflict>().unwrap_err().chain().contains("keep-both"));
    }

    fn check_instant(wanted: (i64, u32), found: (i64, u32), expected: bool) {
        let time = |(seconds, nanos)| NodeTime { seconds, nanos };
        assert_eq!(same_instant(time(wanted), time(found)), expected, "{wanted:?} {found:?}");
    }

    #[test]
    fn times_are_equal_as_far_as_the_target_can_keep_them() {
        check_instant((7, 123_456_789), (7, 123_456_789), true);
        check_instant((7, 123_456_789), (7, 123_456_788), false);
        check_instant((7, 123_456_789), (7, 123_456_700), true);
        check_instant((7, 123_456_789), (7, 120_000_000), true);
        check_instant((7, 123_456_789), (7, 0), true);
        check_instant((7, 0), (6, 0), true);
        check_instant((8, 0), (7, 0), false);
        check_instant((7, 5), (8, 5), false);
        check_instant((i64::MIN, 5), (0, 0), false);
    }

    fn check_beside(name: &[u8], kind: NodeKind, attempt: u32, expected: &[u8]) {
        assert_eq!(name_beside(name, kind, "T", attempt), expected);
    }

    #[test]
    fn the_name_beside_keeps_the_extension() {
        check_beside(b"a.tar.gz", NodeKind::File, 0, b"a.tar (restored T).gz");
        check_beside(b"Makefile", NodeKind::File, 1, b"Makefile (restored T, 2)");
        check_beside(b".profile", NodeKind::File, 0, b".profile (restored T)");
        check_beside(b"site.d", NodeKind::Dir, 0, b"site.d (restored T)");
    }

    #[test]
    fn the_name_beside_a_long_name_is_cut_at_a_character() {
        let name = ["é".repeat(125), ".rs".to_owned()].concat();
        let beside = name_beside(name.as_bytes(), NodeKind::File, "2026-11-20T10-00-00", 0);
        assert!(beside.len() <= NAME_BYTES_MAX && beside.ends_with(b".rs"));
        String::from_utf8(beside).unwrap();
        let dotted = [b"a.".as_slice(), &[b'x'; 253]].concat();
        assert!(name_beside(&dotted, NodeKind::File, "2026-11-20T10-00-00", 0).len() <= NAME_BYTES_MAX);
    }
}
