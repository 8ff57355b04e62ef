//! Where a restore goes, and what of the snapshot it means.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bygone_common::SnapshotPath;
use bygone_common::access::View;
use bygone_common::job::{RestoreRule, RestoreSpec, RestoreTarget};
use bygone_vault::find::Pattern;
use bygone_vault::restore::{Filter, OnConflict};
use bygone_vault::{Error, ErrorKind, Result};
use jiff::civil::DateTime;

/// Where a restore goes.
pub(super) struct Place {
    /// The folder of the snapshot whose entries go into the target.
    pub(super) source: SnapshotPath,
    /// Which of them.
    pub(super) filter: Filter,
    /// Other conflict rules for some of them, by their paths below that folder.
    pub(super) exceptions: HashMap<Vec<u8>, OnConflict>,
    /// What may be put back at all.
    pub(super) view: Option<View>,
    /// What was asked for by name.
    pub(super) paths: Vec<SnapshotPath>,
    /// The folder on this machine.
    pub(super) target: PathBuf,
}

impl Place {
    /// # Errors
    /// `InvalidInput`: a path that cannot be one, or a target that this machine cannot have.
    pub(super) fn of(spec: &RestoreSpec, now: DateTime, restores_into: Option<&Path>) -> Result<Self> {
        let paths = spec.paths.iter().map(|text| parse(text)).collect::<Result<Vec<_>>>()?;
        let source = above_all(&paths);
        let depth = source.names().len();
        // Whoever names the root means everything.
        let is_all = paths.iter().any(SnapshotPath::is_root);
        let include = paths.iter().filter(|_| !is_all).map(|path| Pattern::exact(&below(path, depth))).collect();
        let target = match &spec.target {
            RestoreTarget::NewFolder => {
                let into = restores_into.map_or_else(home, absolute)?;
                into.join(format!("restored {}", now.strftime("%Y-%m-%dT%H-%M-%S")))
            }
            RestoreTarget::Folder { path } => absolute(Path::new(path))?,
            RestoreTarget::Original => original(&source)?,
        };
        let exceptions = spec.choices.iter().map(|choice| {
            let path = relative(&source, &parse(&choice.path)?)?;
            Ok((path, super::rule(choice.rule)))
        });
        let exceptions = exceptions.collect::<Result<_>>()?;
        let view = spec.within.as_deref().map(RestoreRule::view).transpose().map_err(invalid)?;
        Ok(Self { source, filter: Filter { include, exclude: Vec::new() }, exceptions, view, paths, target })
    }
}

fn invalid(sentence: String) -> Error {
    Error::new(ErrorKind::InvalidInput, sentence)
}

fn parse(text: &str) -> Result<SnapshotPath> {
    SnapshotPath::from_text(text).map_err(|error| invalid(format!("{text:?} is no path in a snapshot: {error}")))
}

/// The deepest folder that holds all of these.
fn above_all(paths: &[SnapshotPath]) -> SnapshotPath {
    let mut above: Option<SnapshotPath> = None;
    for path in paths {
        let mut folder = path.clone();
        folder.pop();
        let common = match &above {
            None => folder,
            Some(known) => {
                let mut common = SnapshotPath::root();
                let shared = known.names().zip(folder.names()).take_while(|(left, right)| left == right);
                for (name, _) in shared {
                    // It was a name in a path already.
                    if common.push(name).is_err() {
                        break;
                    }
                }
                common
            }
        };
        above = Some(common);
    }
    above.unwrap_or_else(SnapshotPath::root)
}

/// A path as it stands below a folder.
fn relative(folder: &SnapshotPath, path: &SnapshotPath) -> Result<Vec<u8>> {
    let depth = folder.names().len();
    if path.names().len() <= depth || !folder.names().eq(path.names().take(depth)) {
        return Err(invalid(format!("{path} is not among what is restored, and has a rule of its own")));
    }
    Ok(below(path, depth))
}

/// A path as it stands below a folder `depth` names deep.
fn below(path: &SnapshotPath, depth: usize) -> Vec<u8> {
    path.names().skip(depth).fold(Vec::new(), |mut below, name| {
        below.push(b'/');
        below.extend_from_slice(name);
        below
    })
}

pub(super) fn absolute(path: &Path) -> Result<PathBuf> {
    if path.is_absolute() {
        Ok(path.to_owned())
    } else {
        Err(invalid(format!("{} is no absolute path", path.display())))
    }
}

/// The home of the account that the agent runs as.
fn home() -> Result<PathBuf> {
    let home = std::env::home_dir().filter(|home| home.is_absolute() && home.is_dir());
    home.ok_or_else(|| invalid("the agent's account has no home for a new folder: name a folder".to_owned()))
}

/// A folder of the snapshot where it was on this machine.
#[cfg(unix)]
fn original(folder: &SnapshotPath) -> Result<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;

    Ok(PathBuf::from(std::ffi::OsString::from_vec(folder.to_bytes())))
}

#[cfg(not(unix))]
fn original(_: &SnapshotPath) -> Result<PathBuf> {
    Err(Error::new(ErrorKind::Unsupported, "where files were is not known here: name a folder"))
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(paths: &[&str], source: &str, fits: &[&str], fits_not: &[&str]) {
        let spec = serde_json::json!({
            "repository": "01900000-0000-7000-8000-000000000003",
            "snapshot": "00".repeat(32),
            "paths": paths,
            "target": { "to": "original" },
        });
        let spec: RestoreSpec = serde_json::from_value(spec).unwrap();
        let place = Place::of(&spec, DateTime::default(), None).unwrap();
        assert_eq!(place.source.to_bytes(), source.as_bytes());
        assert_eq!(place.target, Path::new(source));
        let is_meant = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or_default().as_bytes();
            let include = &place.filter.include;
            include.is_empty() || include.iter().any(|pattern| pattern.matches(path.as_bytes(), name))
        };
        fits.iter().for_each(|path| assert!(is_meant(path), "{path}"));
        fits_not.iter().for_each(|path| assert!(!is_meant(path), "{path}"));
    }

    #[test]
    fn paths_stand_below_the_deepest_folder_that_holds_them_all() {
        check(&[], "/", &["/anything"], &[]);
        check(&["/home/a/x.txt"], "/home/a", &["/x.txt"], &["/y.txt", "/b/x.txt"]);
        check(&["/home/a/x", "/home/b"], "/home", &["/a/x", "/b"], &["/a/y", "/x"]);
        check(&["/home/a", "/home/a/x"], "/home", &["/a", "/a/x"], &["/b"]);
        check(&["/"], "/", &["/anything"], &[]);
        check(&["/srv/[1]*?"], "/srv", &["/[1]*?"], &["/1", "/1xx", "/[1]ab"]);
        // `/srv/\xff`, whose name is no text.
        check(&["hex:2f7372762fff"], "/srv", &[], &["/\u{fffd}", "/ÿ"]);
    }

    #[test]
    fn a_target_has_to_be_a_place_of_this_machine() {
        let target = |target: RestoreTarget| {
            let spec = serde_json::json!({
                "repository": "01900000-0000-7000-8000-000000000003", "snapshot": "00".repeat(32), "target": target,
            });
            Place::of(&serde_json::from_value(spec).unwrap(), DateTime::default(), Some(Path::new("/var")))
                .map(|place| place.target)
        };
        assert!(target(RestoreTarget::Folder { path: "relative".to_owned() }).is_err());
        assert_eq!(target(RestoreTarget::Folder { path: "/x y".to_owned() }).unwrap(), Path::new("/x y"));
        let new = target(RestoreTarget::NewFolder).unwrap();
        assert_eq!(new, Path::new("/var/restored 0000-01-01T00-00-00"));
    }
}
