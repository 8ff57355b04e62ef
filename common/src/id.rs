//! The 32-byte ids of restic's format: SHA-256 of a file's stored bytes, or of a blob's plaintext.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes in an id.
pub const ID_BYTES: usize = 32;

/// What is wrong with a text that should be an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdError {
    text: String,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not an id of 64 hexadecimal digits", self.text)
    }
}

impl std::error::Error for IdError {}

/// An id whose kind does not matter here; the typed ids below wrap it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Id([u8; ID_BYTES]);

impl Id {
    /// An id of these bytes.
    pub const fn new(bytes: [u8; ID_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes, in the order in which they are printed.
    pub const fn as_bytes(&self) -> &[u8; ID_BYTES] {
        &self.0
    }

    /// Reads 64 hexadecimal digits; `None` for anything else.
    pub fn from_hex(digits: &[u8]) -> Option<Self> {
        let mut bytes = [0; ID_BYTES];
        hex::decode_to_slice(digits, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// 64 lower-case hexadecimal digits.
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// The first eight digits: how restic and we print an id for people.
    pub fn short(&self) -> String {
        self.to_hex().chars().take(8).collect()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

impl FromStr for Id {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::from_hex(text.as_bytes()).ok_or_else(|| IdError { text: text.to_owned() })
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_hex())
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Declares one kind of id, so that a pack's id cannot be passed where a blob's is meant.
macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        #[repr(transparent)]
        pub struct $name(pub Id);

        impl $name {
            /// The bytes, in the order in which they are printed.
            pub const fn as_bytes(&self) -> &[u8; ID_BYTES] {
                self.0.as_bytes()
            }

            /// The first eight digits, for people.
            pub fn short(&self) -> String {
                self.0.short()
            }
        }

        impl From<$name> for Id {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.parse().map(Self)
            }
        }
    };
}

typed_id!(
    /// A blob: a piece of a file, or a tree. SHA-256 of its plaintext.
    BlobId
);
typed_id!(
    /// A tree: the blob that lists one directory.
    TreeId
);
typed_id!(
    /// A pack: the stored file that holds blobs.
    PackId
);
typed_id!(
    /// A snapshot: one source at one time.
    SnapshotId
);
typed_id!(
    /// An index file: which blobs are where in which packs.
    IndexId
);
typed_id!(
    /// A key file: the master key, wrapped by one password.
    KeyId
);
typed_id!(
    /// A repository, by the random id in its config.
    RepositoryId
);

impl From<TreeId> for BlobId {
    fn from(tree: TreeId) -> Self {
        Self(tree.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_text_survives_a_round_trip() {
        let text = "0123456789abcdef".repeat(4);
        assert_eq!(text.parse::<Id>().map(|id| id.to_string()), Ok(text));
    }

    #[test]
    fn a_text_of_the_wrong_length_is_refused_by_name() {
        let error = "abc".parse::<PackId>().map_err(|error| error.to_string());
        assert_eq!(error, Err("\"abc\" is not an id of 64 hexadecimal digits".to_owned()));
    }
}
