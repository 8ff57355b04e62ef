//! Which locations an organization may use. A location that somebody typed never reaches arbitrary paths of the server.

use std::fmt;
use std::path::{Component, Path};

use bygone_vault::location::Location;

use super::StoragePolicy;

/// Why a location cannot be used: for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationError(pub(super) String);

impl fmt::Display for LocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LocationError {}

/// The location that a text names. A local one must lie in the organization's own folder below one of the roots.
pub(super) fn allowed(policy: &StoragePolicy, org_name: &str, text: &str) -> Result<Location, LocationError> {
    let location = Location::parse(text).map_err(|error| LocationError(error.chain()))?;
    match &location {
        Location::Local(path) => {
            let roots = std::iter::once(&policy.folder).chain(&policy.local_roots);
            if roots.into_iter().any(|root| is_below(path, &root.join(org_name))) {
                return Ok(location);
            }
            Err(LocationError(format!(
                "{text} is a folder of the server outside of what organization {org_name} may use there: leave the location \
                 out, or have a root allowed in the server's configuration"
            )))
        }
        Location::Rest(rest) if rest.user.is_some() || rest.password.is_some() => {
            Err(LocationError("a location holds no user and no password: keep them as a storage credential".to_owned()))
        }
        Location::S3(_) | Location::Sftp(_) | Location::Rest(_) => Ok(location),
    }
}

/// Whether a path lies below a folder, by its names and, as far as it exists, by where its links lead.
fn is_below(path: &Path, folder: &Path) -> bool {
    let is_plain = path.is_absolute() && path.components().all(|part| !matches!(part, Component::ParentDir));
    if !is_plain || path == folder || !path.starts_with(folder) {
        return false;
    }
    let Some(exists) = path.ancestors().find(|ancestor| ancestor.exists()) else { return false };
    let Some(root) = folder.ancestors().find(|ancestor| ancestor.exists()) else { return false };
    match (exists.canonicalize(), root.canonicalize()) {
        // What exists of the path is above the folder only while the folder itself is missing.
        (Ok(exists), Ok(root)) => exists.starts_with(&root) || root.starts_with(&exists),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::PathBuf;

    use super::*;

    fn policy(folder: &Path) -> StoragePolicy {
        StoragePolicy {
            folder: folder.join("repositories"),
            local_roots: vec![folder.join("big")],
            allowed_networks: Vec::new(),
            spool: folder.join("spool"),
            cache: None,
            ca_file: None,
        }
    }

    #[test]
    fn an_organization_uses_its_own_folders_and_no_other_path_of_the_server() {
        let folder = tempfile::tempdir().unwrap();
        let policy = policy(folder.path());
        std::fs::create_dir_all(folder.path().join("big/acme")).unwrap();
        std::fs::create_dir_all(folder.path().join("secret")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path().join("secret"), folder.path().join("big/acme/link")).unwrap();
        let at = |rest: &str| folder.path().join(rest).display().to_string();
        for (text, expected) in [
            (at("repositories/acme/main"), true),
            (at("big/acme/main"), true),
            (at("big/acme"), false),
            (at("big/other/main"), false),
            (at("big/acmes/main"), false),
            (at("big/acme/../other/main"), false),
            (at("big/acme/link/main"), false),
            (at("secret"), false),
            ("/".to_owned(), false),
            ("relative/acme".to_owned(), false),
            ("/etc".to_owned(), false),
            ("local:/etc".to_owned(), false),
        ] {
            assert_eq!(allowed(&policy, "acme", &text).is_ok(), expected, "{text}");
        }
    }

    #[test]
    fn a_location_with_a_password_in_it_is_refused() {
        let policy = policy(&PathBuf::from("/srv"));
        assert!(allowed(&policy, "acme", "rest:https://u:p@host/x/").is_err());
        assert!(allowed(&policy, "acme", "rest:https://host/x/").is_ok());
        assert!(allowed(&policy, "acme", "nonsense:x").is_err());
    }
}
