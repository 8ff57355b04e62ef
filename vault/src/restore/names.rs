//! Names: which of a snapshot's the target can hold, and which ones unfinished files have.

use bygone_common::snapshot_path::{NAME_BYTES_MAX, name_fault};
use sha2::{Digest, Sha256};

/// How the names of unfinished files begin. Names of this form in a target belong to us.
pub(super) const TEMPORARY_PREFIX: &[u8] = b".bygone-";
const TEMPORARY_SUFFIX: &str = ".partial";
/// Bytes of a hash that make a temporary name: none can be found twice on purpose.
const TEMPORARY_HASH_BYTES: usize = 16;

/// Makes the temporary names of one run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Temporary {
    /// Not zero when the snapshot itself holds names of this form: then ours must differ from any that it may hold.
    salt: u64,
}

impl Temporary {
    /// Names that follow from the real ones alone, so that the next run finds what this one left.
    pub(super) fn plain() -> Self {
        Self { salt: 0 }
    }

    /// Names that nobody foresaw.
    pub(super) fn salted() -> Self {
        use std::hash::{BuildHasher, Hasher};
        let salt = std::collections::hash_map::RandomState::new().build_hasher().finish();
        Self { salt: salt | 1 }
    }

    /// The name under which `name` is made.
    pub(super) fn of(self, name: &[u8]) -> String {
        let mut hasher = Sha256::new();
        if self.salt != 0 {
            hasher.update(self.salt.to_le_bytes());
        }
        hasher.update(name);
        let hash = hasher.finalize();
        let digits = hex::encode(hash.get(..TEMPORARY_HASH_BYTES).unwrap_or_default());
        format!("{}{digits}{TEMPORARY_SUFFIX}", String::from_utf8_lossy(TEMPORARY_PREFIX))
    }
}

/// Why the target cannot hold a name; `None` when it can.
pub(super) fn fault(name: &[u8]) -> Option<&'static str> {
    if let Some(why) = name_fault(name) {
        return Some(why);
    }
    if name.len() > NAME_BYTES_MAX {
        return Some("a name is longer than 255 bytes");
    }
    if cfg!(windows) { windows_fault(name) } else { None }
}

/// Why Windows cannot hold a name. Source: Microsoft, "Naming Files, Paths, and Namespaces".
fn windows_fault(name: &[u8]) -> Option<&'static str> {
    const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
    let Ok(text) = std::str::from_utf8(name) else { return Some("it is not UTF-8, which Windows needs") };
    if text.chars().any(|letter| letter < ' ' || "<>:\"/\\|?*".contains(letter)) {
        return Some("it holds a character that Windows forbids");
    }
    if text.ends_with(['.', ' ']) {
        return Some("it ends in a dot or a space, which Windows drops");
    }
    let stem = text.split('.').next().unwrap_or(text).trim_end_matches(' ').to_ascii_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            let mut letters = rest.chars();
            matches!((letters.next(), letters.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
        })
    };
    if DEVICES.contains(&stem.as_str()) || numbered("COM") || numbered("LPT") {
        return Some("Windows keeps that name for a device");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_leave_the_target_are_refused() {
        for name in [&b".."[..], b".", b"", b"a/b", b"/etc", b"../x", b"a\0b"] {
            assert!(fault(name).is_some(), "{name:?}");
        }
        assert_eq!(fault(b"...").filter(|_| !cfg!(windows)), None);
        assert!(fault(&[b'x'; 256]).is_some());
        assert!(fault(&[b'x'; 255]).is_none());
    }

    #[test]
    fn names_that_windows_cannot_hold_are_known() {
        let bad = ["con", "NUL.txt", "com1", "LPT9.log", "COM¹", "a:b", "a\\b", "a.", "a ", "x\u{1}", "AUX .c"];
        for name in bad {
            assert!(windows_fault(name.as_bytes()).is_some(), "{name}");
        }
        for name in ["console", "com", "com10", "a.b", ".a", "null", "über"] {
            assert!(windows_fault(name.as_bytes()).is_none(), "{name}");
        }
        assert!(windows_fault(b"\xff").is_some());
    }

    #[test]
    fn temporary_names_follow_from_the_real_ones_unless_salted() {
        assert_eq!(Temporary::plain().of(b"x"), Temporary::plain().of(b"x"));
        assert_ne!(Temporary::plain().of(b"x"), Temporary::plain().of(b"y"));
        assert_ne!(Temporary::plain().of(b"x"), Temporary::salted().of(b"x"));
        assert!(Temporary::plain().of(&[b'x'; 255]).len() < NAME_BYTES_MAX);
    }
}
