//! Every bound of the index, by name.

/// What an index may use. The defaults fit a server that holds a handful of indexes open in 512 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Memory in which one writer collects documents before they become a segment. At least
    /// [`WRITER_HEAP_BYTES_MIN`].
    pub writer_heap_bytes: usize,
    /// Threads that one search may use.
    pub search_threads: usize,
    /// Whether opening reads every file of the index and compares its checksum. Without it, damage is found when the
    /// damaged part is read.
    pub verify_on_open: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { writer_heap_bytes: 64 << 20, search_threads: 2, verify_on_open: true }
    }
}

/// The least memory that a writer works with.
pub const WRITER_HEAP_BYTES_MIN: usize = 16 << 20;
/// Results on one page.
pub const PAGE_HITS_MAX: usize = 500;
/// Bytes of a query.
pub const QUERY_BYTES_MAX: usize = 1024;
/// Conditions of a query. Each may take a byte for every name of the index while it is answered.
pub const QUERY_CLAUSES_MAX: usize = 16;
/// Clauses of a scope: more than a clause for each source that a search looks at.
pub const SCOPE_CLAUSES_MAX: usize = 1 << 16;
/// Sources of one organization: their number is kept in two bytes.
pub const SOURCES_MAX: usize = u16::MAX as usize;
/// Bytes of an extension; what is longer is not one.
pub const EXTENSION_BYTES_MAX: usize = 12;
/// Distinct extensions that are counted; files with others count as having none.
pub const EXTENSIONS_MAX: usize = 1 << 16;
/// Distinct owners that are kept apart; others count as unknown.
pub const OWNERS_MAX: usize = 1 << 20;
/// Text of new names that a writer collects before it becomes a file.
pub const NAMES_BATCH_BYTES: usize = 16 << 20;
/// Matches up to which facets are counted one by one; of more, evenly spread blocks are counted and multiplied.
pub const FACETS_EXACT_MAX: u64 = 1 << 16;
/// Values of one facet in an answer, the most frequent first.
pub const FACET_VALUES_MAX: usize = 50;
/// Versions of a path that are looked at to say how many there are.
pub const PATH_VERSIONS_MAX: usize = 10_000;
/// Segments above which a commit merges some, those not counted that are too large for it.
pub const SEGMENTS_MAX: usize = 12;
/// Documents of the largest segment that a merge makes: it takes sixteen bytes of memory for each, and whoever waits for what was
/// committed waits for it.
pub const MERGED_DOCS_MAX: u32 = 4 << 20;
/// Distinct runs of letters that a correction is chosen from.
pub const CORRECTION_RUNS_MAX: usize = 20_000;
/// Names that are tried for a completion.
pub const COMPLETION_NAMES_MAX: usize = 500;
/// Directories of a snapshot that could not be read and are named in a report.
pub const BROKEN_NAMED_MAX: usize = 100;
