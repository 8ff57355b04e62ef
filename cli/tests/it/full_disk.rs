//! A disk that is full in the middle of a backup: the snapshots before stay, and a prune makes room again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bygone_tests::noise::noise;
use bygone_tests::restic::Restic;

use crate::own::{CHEAP, Own, count};

/// A small disk in memory, unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(path: PathBuf) -> Self {
        fs::create_dir(&path).unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=12m", "tmpfs"]).arg(&path).status().unwrap();
        assert!(mounted.success(), "mount a tmpfs (the tests need root)");
        Self(path)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn what_was_there_stays_and_a_prune_makes_room() {
    let own = Own::nothing();
    let disk = SmallDisk::mount(own.path("small"));
    let repository = disk.0.join("repository");
    let bygone = |arguments: &[&str]| own.bygone(arguments).env("RESTIC_REPOSITORY", &repository);
    let restic = Restic::new(repository.to_str().unwrap()).arguments(&["--no-cache"]);
    let source = own.path("source");
    fs::create_dir(&source).unwrap();
    fs::write(source.join("small"), noise(1, 1 << 20)).unwrap();
    let source = source.to_str().unwrap();
    bygone(&["init", "-q"]).arguments(&CHEAP).bytes();
    bygone(&["backup", "-q", source]).bytes();

    fs::write(Path::new(source).join("large"), noise(2, 24 << 20)).unwrap();
    let told = bygone(&["backup", "-q", "--pack-size", "4", source]).run();
    assert_eq!(told.code, Some(1), "{}", told.stderr);
    assert!(told.stderr.to_lowercase().contains("no space"), "{}", told.stderr);
    assert_eq!((count(&repository.join("snapshots")), count(&repository.join("locks"))), (1, 0));
    restic.run(&["check", "--read-data", "--no-lock"]);

    let pruned = bygone(&["prune", "--grace", "0", "--json"]).json();
    assert!(pruned["bytes_deleted"].as_u64().unwrap() > 4 << 20, "{pruned}");
    fs::remove_file(Path::new(source).join("large")).unwrap();
    bygone(&["backup", "-q", source]).bytes();
    restic.run(&["check", "--read-data"]);
}
