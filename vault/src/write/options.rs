//! How a repository is written to.

use std::str::FromStr;

use crate::backend::parallel::{UPLOAD_BYTES_MAX, UPLOADS_MAX};
use crate::error::{Error, ErrorKind, Result};

/// Bytes at which a pack is full, unless said otherwise: restic's default.
pub const PACK_BYTES_DEFAULT: u32 = 16 << 20;
/// What a person may ask for, as restic bounds it.
pub const PACK_BYTES_MIN: u32 = 4 << 20;
/// The most that a person may ask for.
pub const PACK_BYTES_MAX: u32 = 128 << 20;

/// How hard blobs are compressed, in repositories of format version 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// Not at all, but for trees, which the format wants compressed.
    Off,
    /// As quickly as possible.
    Fastest,
    /// Well, without slowing a backup down.
    #[default]
    Auto,
    /// Harder.
    Better,
    /// As small as it gets, at a tenth of the speed.
    Max,
}

impl Compression {
    /// zstd's level; `None` for no compression.
    pub(super) fn level(self) -> Option<i32> {
        match self {
            Self::Off => None,
            Self::Fastest => Some(-3),
            Self::Auto => Some(1),
            Self::Better => Some(7),
            Self::Max => Some(19),
        }
    }
}

impl FromStr for Compression {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "off" => Ok(Self::Off),
            "fastest" => Ok(Self::Fastest),
            "auto" => Ok(Self::Auto),
            "better" => Ok(Self::Better),
            "max" => Ok(Self::Max),
            _ => Err(Error::new(
                ErrorKind::InvalidInput,
                format!("{text:?} is no compression: off, fastest, auto, better or max"),
            )),
        }
    }
}

/// Settings of a [`Writer`](super::Writer).
#[derive(Debug, Clone, Copy)]
pub struct WriteOptions {
    /// How hard blobs are compressed.
    pub compression: Compression,
    /// Bytes at which a pack is full.
    pub pack_bytes: u32,
    /// Packs that are uploaded at once.
    pub uploads: usize,
    /// Bytes of packs that wait to be uploaded, or are being.
    pub upload_bytes_max: u64,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self {
            compression: Compression::default(),
            pack_bytes: PACK_BYTES_DEFAULT,
            uploads: UPLOADS_MAX,
            upload_bytes_max: UPLOAD_BYTES_MAX,
        }
    }
}
