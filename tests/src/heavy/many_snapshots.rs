//! Hundreds of snapshots: twenty days, saved by three machines in turn, and rewritten again and again for other hosts.

use std::fs;
use std::path::{Path, PathBuf};

use super::{init, repository_in};
use crate::kept::kept;

/// Days, each with its own content.
pub const DAYS: usize = 20;
/// Who saved them.
pub const HOSTS: [&str; 3] = ["alice-pc", "bob-pc", "nas"];
/// For whom all snapshots so far were then written once more.
pub const NEW_HOSTS: [&str; 4] = ["copy-1", "copy-2", "copy-3", "copy-4"];
/// Snapshots in all.
pub const SNAPSHOTS: usize = DAYS << NEW_HOSTS.len();
/// The file in each snapshot's root that holds the number of its day.
pub const FILE: &str = "day";

/// The repository, and what `restic snapshots --json` says of it.
pub fn repository(folder: &Path) -> (PathBuf, String) {
    let place = kept(folder, "many-snapshots", include_str!("many_snapshots.rs"), |place| {
        let source = place.join("source");
        fs::create_dir(&source).unwrap();
        let restic = init(place).in_folder(&source).env("TZ", "UTC");
        for day in 0..DAYS {
            fs::write(source.join(FILE), content(day)).unwrap();
            let time = time(day).replace('T', " ").replace('Z', "");
            let tags = if day % 7 == 0 { "weekly,full" } else { "daily" };
            restic.run(&["backup", ".", "--host", HOSTS[day % HOSTS.len()], "--time", &time, "--tag", tags]);
        }
        for host in NEW_HOSTS {
            restic.run(&["rewrite", "--new-host", host]);
        }
        fs::write(place.join("snapshots.json"), restic.run(&["snapshots", "--json"])).unwrap();
        fs::remove_dir_all(source).unwrap();
    });
    (repository_in(&place), fs::read_to_string(place.join("snapshots.json")).unwrap())
}

/// When a day was saved, as restic's directories are called.
pub fn time(day: usize) -> String {
    format!("2026-10-{:02}T12:{day:02}:00Z", day + 1)
}

/// What the file holds in the snapshots of a day.
pub fn content(day: usize) -> String {
    format!("{day}\n")
}
