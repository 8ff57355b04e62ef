//! How a source is captured: what `bygone backup` takes as options.

use serde::{Deserialize, Serialize};

/// What is left out, and how the rest is read and written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CaptureOptions {
    /// More files and folders than the source's own.
    pub include: Vec<String>,
    /// Patterns of what is left out, restic's; `!` before one makes an exception.
    pub exclude: Vec<String>,
    /// The same, whatever the case of the letters.
    pub iexclude: Vec<String>,
    /// Files on the source's machine with such patterns, one a line.
    pub exclude_files: Vec<String>,
    /// Folders that are marked as caches are left out.
    pub exclude_caches: bool,
    /// Folders that hold a file of this name are left out: `NAME` or `NAME:HEADER`.
    pub exclude_if_present: Vec<String>,
    /// Files of more bytes are left out.
    pub exclude_larger_than: Option<u64>,
    /// Other file systems that are mounted below a source are left out.
    pub one_file_system: bool,
    /// What .gitignore and .ignore files say is left out.
    pub gitignore: bool,
    /// Times of access are saved.
    pub with_atime: bool,
    /// A file is unchanged although its inode number and time of attributes have changed.
    pub ignore_inode: bool,
    /// A file is unchanged although the time of its attributes has changed.
    pub ignore_ctime: bool,
    /// Every file is read, whatever the snapshot before has.
    pub force: bool,
    /// No snapshot is taken that would be equal to the one before.
    pub skip_if_unchanged: bool,
    /// Files that are read at once.
    pub read_concurrency: Option<u16>,
    /// How hard is compressed.
    pub compression: Compression,
    /// MiB that a pack is filled with, 4 to 128.
    pub pack_size_mib: Option<u16>,
}

/// How hard is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Not at all.
    Off,
    /// As quickly as possible.
    Fastest,
    /// Well, without slowing a backup down.
    #[default]
    Auto,
    /// Harder.
    Better,
    /// As small as it gets.
    Max,
}

impl Compression {
    /// The word for it, as `bygone backup --compression` takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Fastest => "fastest",
            Self::Auto => "auto",
            Self::Better => "better",
            Self::Max => "max",
        }
    }
}
