//! `bygone tag`: other tags for snapshots.

use bygone_common::hold::{TAG_PREFIX, other_tags};
use bygone_vault::lock::LockKind;
use bygone_vault::snapshot::rewrite::retag;
use bygone_vault::{Error, ErrorKind, Result};
use clap::Args;

use crate::console::{self, Problems};
use crate::exit::Outcome;
use crate::global::Global;
use crate::selection::{Selection, parse_specs};
use crate::writing::{LockArgs, Writing};

/// Change the tags of snapshots
///
/// A snapshot file never changes: each changed snapshot gets a new id, and remembers its first one. Holds are not touched;
/// see bygone hold.
#[derive(Debug, Args)]
pub(crate) struct Tag {
    /// These; without any, all that the options below let through
    #[arg(value_name = "SNAPSHOT")]
    named: Vec<String>,
    /// Add these tags (may be repeated)
    #[arg(long, value_name = "TAG[,TAG…]")]
    add: Vec<String>,
    /// Remove these tags (may be repeated)
    #[arg(long, value_name = "TAG[,TAG…]")]
    remove: Vec<String>,
    /// These tags instead of all others; an empty one means none (may be repeated)
    #[arg(long, value_name = "TAG[,TAG…]", conflicts_with_all = ["add", "remove"], required_unless_present_any = ["add", "remove"])]
    set: Vec<String>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    lock: LockArgs,
}

impl Tag {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let named = parse_specs(&self.named)?;
        let (add, remove, set) = (split(&self.add)?, split(&self.remove)?, split(&self.set)?);
        let change = |tags: &[String]| {
            if set.is_empty() {
                return changed(tags, &add, &remove);
            }
            // Holds stay: only who names a case releases it.
            let holds = tags.iter().filter(|tag| tag.starts_with(TAG_PREFIX)).cloned();
            set.iter().filter(|tag| !tag.is_empty()).cloned().chain(holds).collect()
        };
        let writing = Writing::open(global, LockKind::Exclusive, &self.lock)?;
        let mut problems = Problems::default();
        let outcome = self.change(&writing, &named, change, &mut problems);
        let count = writing.finish(outcome)?;
        if !global.quiet {
            console::line(&format!("{count} snapshots have other tags"));
        }
        Ok(Outcome::after(problems.count()))
    }

    fn change(
        &self,
        writing: &Writing,
        named: &[bygone_vault::SnapshotSpec],
        change: impl Fn(&[String]) -> Vec<String>,
        problems: &mut Problems,
    ) -> Result<u64> {
        let mut count = 0;
        for snapshot in self.selection.some(&writing.repository, named, problems)? {
            writing.token.check(|| "change tags".to_owned())?;
            let new = retag(&writing.repository, writing.storage.as_ref(), snapshot.id, &change)?;
            if let Some(new) = &new {
                writing.replace(snapshot.id, new)?;
            }
            count += u64::from(new.is_some());
        }
        Ok(count)
    }
}

/// Tags of options that take several.
fn split(lists: &[String]) -> Result<Vec<String>> {
    let tags: Vec<String> = lists.iter().flat_map(|list| list.split(',')).map(|tag| tag.trim().to_owned()).collect();
    match tags.iter().find(|tag| tag.starts_with(TAG_PREFIX)) {
        Some(tag) => {
            Err(Error::new(ErrorKind::InvalidInput, format!("{tag:?} is a hold: bygone hold adds and releases those")))
        }
        None => Ok(tags),
    }
}

/// As restic: what is added comes last, and once.
fn changed(tags: &[String], add: &[String], remove: &[String]) -> Vec<String> {
    let mut tags = tags.to_vec();
    for tag in add {
        if !tag.is_empty() && !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    let others = other_tags(&tags);
    tags.retain(|tag| !others.contains(tag) || !remove.contains(tag));
    tags
}
