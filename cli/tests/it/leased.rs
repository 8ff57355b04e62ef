//! What somebody reads is neither forgotten nor pruned meanwhile.

use std::fs;
use std::process::{Command, Stdio};

use bygone_tests::process::wait_until;

use crate::own::{Own, count};

/// The process that serves a mount.
fn server_of(point: &std::path::Path) -> String {
    let found = Command::new("pgrep").args(["--full", &format!("mount.*{}", point.display())]).output().unwrap();
    String::from_utf8(found.stdout).unwrap().lines().next().unwrap().to_owned()
}

fn leases(own: &Own) -> usize {
    let mut folders = fs::read_dir(own.path("cache/bygone")).unwrap().map(|entry| entry.unwrap().path().join("leases"));
    folders.next().map_or(0, |folder| if folder.exists() { count(&folder) } else { 0 })
}

#[cfg(feature = "mount")]
#[test]
fn a_mounted_snapshot_stays_and_so_does_what_it_needs() {
    let own = Own::new();
    let ids: Vec<String> = (1..=3).map(|day| own.snapshot(day, "alice", &[])).collect();
    let point = own.path("point");
    fs::create_dir(&point).unwrap();
    own.bygone(&["mount", "--background", point.to_str().unwrap()]).bytes();
    // Nobody has looked into a snapshot yet, save into the second one now.
    let file = point.join("ids").join(&ids[1][..8]).join(own.path("source/file").strip_prefix("/").unwrap());
    assert_eq!(fs::read_to_string(&file).unwrap(), "day 2 of alice\n");
    let told = own.bygone(&["forget", &ids[1]]).fails(1);
    assert!(told.contains(&format!("snapshot {} stays: it is being read by mount (PID ", &ids[1][..8])), "{told}");
    let ran = own.bygone(&["forget", "--keep-last", "1", "--json"]).run();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.starts_with(&format!("snapshot {} stays for now: it is being read by mount", &ids[1][..8])));
    assert_eq!(own.ids(), [ids[1].clone(), ids[2].clone()]);
    // Another program asks nobody: what the reader needs stays, also after a prune of ours.
    own.restic.run(&["forget", &ids[1]]);
    own.bygone(&["prune", "--grace", "0", "--max-unused", "0"]).text();
    Command::new("sh").args(["-c", "echo 3 > /proc/sys/vm/drop_caches"]).stderr(Stdio::null()).status().unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "day 2 of alice\n");
    own.check();
    // Killed, it holds nothing any more.
    let pid = server_of(&point);
    assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    wait_until("the mount's end", || !std::path::Path::new(&format!("/proc/{pid}")).exists());
    assert_eq!(leases(&own), 2, "its files are left behind");
    own.bygone(&["forget", "--keep-last", "1", "-q"]).bytes();
    assert_eq!(leases(&own), 0);
    own.bygone(&["umount", "--detach", point.to_str().unwrap()]).run();
}

#[test]
fn a_snapshot_that_is_written_to_a_pipe_is_leased_until_it_is_all_out() {
    let own = Own::new();
    let ids: Vec<String> = (1..=2).map(|day| own.snapshot(day, "alice", &[])).collect();
    fs::write(own.path("source/large"), bygone_tests::noise::noise(1, 4 << 20)).unwrap();
    let large = own.snapshot(3, "alice", &[]);
    let newest = own.snapshot(4, "alice", &[]);
    for verb in [["tar", &large], ["cat", &format!("{large}:{}/large", own.path("source").display())]] {
        let mut reading = own.bygone(&verb).command().stdout(Stdio::piped()).spawn().unwrap();
        // It cannot write all of it, since nobody reads.
        let refused = || {
            let ran = own.bygone(&["forget", &large, "--dry-run"]).run();
            ran.stderr.contains(&format!("is being read by {} (PID {})", verb[0], reading.id()))
        };
        wait_until("the lease", refused);
        let mut output = reading.stdout.take().unwrap();
        std::io::copy(&mut output, &mut std::io::sink()).unwrap();
        assert!(reading.wait().unwrap().success());
        assert_eq!(leases(&own), 0);
    }
    own.bygone(&["forget", "-q", &large, &ids[0]]).bytes();
    assert_eq!(own.ids(), [ids[1].clone(), newest]);
    // Without a cache folder nothing can be leased, and nothing fails for it.
    own.bygone(&["cat", "--no-cache", &format!("latest:{}/file", own.path("source").display())]).bytes();
}
