//! The application in the browser as bytes: whoever serves it decides how.

/// A file of the application.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Its path below `/`, with `/` between names: `assets/index-Bx3.js`.
    pub path: &'static str,
    /// Changes with its bytes: an entity tag, in quotes.
    pub tag: &'static str,
    /// Its bytes.
    pub plain: &'static [u8],
    /// Its bytes compressed with Brotli, where that is shorter.
    pub br: Option<&'static [u8]>,
    /// Its bytes compressed with gzip, where that is shorter.
    pub gzip: Option<&'static [u8]>,
}

/// Everything, by path. Empty in a build without the feature `embed`.
const ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The file at a path.
pub fn asset(path: &str) -> Option<&'static Asset> {
    let at = ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok()?;
    ASSETS.get(at)
}

/// Whether there is an application at all.
pub const fn is_built() -> bool {
    !ASSETS.is_empty()
}
