//! Safety folders on this machine: what restores replaced is kept for a week, and then removed.
//!
//! A folder is noted before a restore moves the first file into it, so that one which an agent left that ended suddenly is
//! removed too. Never: a folder that no restore of this agent named.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bygone_common::Clock;
use bygone_vault::restore::{Links, safety};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::state::Folder;

/// The file's name.
const FILE: &str = "safety.json";
/// For how long what was replaced is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How often it is looked for what is kept no longer.
pub const LOOK: Duration = Duration::from_mins(10);
/// Folders that are remembered at most; of more, the oldest stay for people to remove.
const FOLDERS_MAX: usize = 10_000;

/// A safety folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// The folder that was restored to.
    target: PathBuf,
    /// The name of the safety folder in it.
    name: String,
    /// Links on the way to it are followed only if none but the machine's administrator can have made them.
    confined: bool,
    until: Timestamp,
}

/// All safety folders that are kept.
#[derive(Debug)]
pub struct Safety {
    folder: Folder,
    kept: Mutex<Vec<Kept>>,
}

/// Which links a restore follows.
pub(crate) const fn links(confined: bool) -> Links {
    if confined { Links::Trusted } else { Links::All }
}

impl Safety {
    /// Those of agents before this one. A file that cannot be read is passed over: what it names stays for people to remove.
    pub fn of(folder: Folder) -> Self {
        let kept = folder.read(FILE).unwrap_or_else(|error| {
            tracing::warn!(%error, "what restores replaced is not known, and is not removed");
            None
        });
        Self { folder, kept: Mutex::new(kept.unwrap_or_default()) }
    }

    /// Notes a folder that a restore is about to fill.
    ///
    /// # Errors
    /// It cannot be written down.
    pub fn keep(&self, target: &Path, name: String, confined: bool, clock: &Clock) -> Result<()> {
        let kept = Kept { target: target.to_owned(), name, confined, until: clock.now() + KEPT };
        let mut all = self.lock();
        all.retain(|one| one.target != kept.target || one.name != kept.name);
        let surplus = (all.len() + 1).saturating_sub(FOLDERS_MAX);
        all.drain(..surplus);
        all.push(kept);
        self.folder.write(FILE, &*all)
    }

    /// Removes what is kept no longer. What cannot be removed is tried again.
    pub fn remove_due(&self, clock: &Clock) {
        let now = clock.now();
        let due: Vec<Kept> = self.lock().iter().filter(|kept| kept.until <= now).cloned().collect();
        for kept in due {
            match safety::remove(&kept.target, &kept.name, links(kept.confined)) {
                Ok(was_there) => {
                    if was_there {
                        tracing::info!("what a restore replaced a week ago is removed");
                    }
                    let mut all = self.lock();
                    all.retain(|one| *one != kept);
                    if let Err(error) = self.folder.write(FILE, &*all) {
                        tracing::warn!(%error, "a safety folder that is gone is still written down");
                    }
                }
                Err(error) => {
                    tracing::warn!(error = error.chain(), "what a restore replaced a week ago stays for now");
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use super::*;

    #[test]
    fn what_was_replaced_is_kept_for_a_week_and_no_longer_whoever_removes_it() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::create(&place.path().join("agent")).unwrap();
        let clock = Clock::manual("2026-11-21T10:00:00Z".parse().unwrap());
        let name = "replaced (restored 2026-11-21T10-00-00)";
        let kept = place.path().join("target").join(name);
        fs::create_dir_all(kept.join("below")).unwrap();
        fs::write(kept.join("below/a"), "a").unwrap();
        Safety::of(folder.clone()).keep(kept.parent().unwrap(), name.to_owned(), false, &clock).unwrap();
        let safety = Safety::of(folder.clone());
        clock.advance(KEPT - SignedDuration::from_secs(1));
        safety.remove_due(&clock);
        assert!(kept.join("below/a").exists());
        clock.advance(SignedDuration::from_secs(1));
        safety.remove_due(&clock);
        assert!(!kept.exists() && kept.parent().unwrap().exists());
        assert_eq!(Safety::of(folder).lock().len(), 0);
    }
}
