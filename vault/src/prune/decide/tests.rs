#![allow(clippy::unwrap_used)]

use std::time::Duration;

use bygone_common::{Id, PackId};

use super::*;

const DAY: i64 = 24 * 3600;

/// A pack by how it is named, its size in storage, and the used and unused bytes of its blobs.
type Line = (Named, Option<u64>, u64, u64);

fn fates(lines: &[Line], options: &PruneOptions) -> Result<Vec<Fate>> {
    decisions(lines, options, None).map(|decisions| decisions.fates)
}

fn decisions(lines: &[Line], options: &PruneOptions, locked_until: Option<Timestamp>) -> Result<Decisions> {
    let packs = lines.iter().zip(0_u8..).map(|((named, stored_bytes, ..), number)| Pack {
        id: PackId(Id::new([number; 32])),
        stored_bytes: *stored_bytes,
        named: *named,
        locked_until,
    });
    let contents = lines.iter().map(|(_, _, used_bytes, unused_bytes)| Content {
        used_blobs: u64::from(*used_bytes > 0),
        used_bytes: *used_bytes,
        unused_blobs: u64::from(*unused_bytes > 0),
        unused_bytes: *unused_bytes,
        has_data: true,
        ..Content::default()
    });
    let survey = Survey { packs: packs.collect(), index_files: Vec::new() };
    let usage = Usage { owners: HashMap::new(), contents: contents.collect() };
    decide(&survey, usage, options, 2)
}

fn now() -> Timestamp {
    Timestamp::from_second(1_000_000_000).unwrap()
}

fn marked(seconds_ago: i64) -> Named {
    Named::Marked(now().checked_sub(SignedDuration::from_secs(seconds_ago)).unwrap())
}

#[test]
fn a_pack_is_marked_first_and_goes_after_the_grace() {
    let options = PruneOptions::new(now());
    let lines = [
        (Named::Used, Some(100), 90, 0),
        (Named::Used, Some(100), 0, 90),
        (marked(DAY), Some(100), 0, 90),
        (marked(3600), Some(100), 0, 90),
        (marked(DAY), Some(100), 90, 0),
        (Named::Nowhere, Some(100), 0, 0),
        (Named::Used, None, 0, 90),
        (marked(-DAY), Some(100), 0, 90),
    ];
    use Fate::{Delete, Drop, Keep, Recover, Retire, Wait};
    assert_eq!(fates(&lines, &options).unwrap(), [Keep, Retire, Delete, Wait, Recover, Retire, Drop, Wait]);
}

#[test]
fn a_pack_that_was_marked_under_a_live_lease_stays() {
    let line = [(marked(3 * DAY), Some(100), 0, 90)];
    let leased = |seconds_ago: i64| PruneOptions {
        leased_since: Some(now().checked_sub(SignedDuration::from_secs(seconds_ago)).unwrap()),
        ..PruneOptions::new(now())
    };
    assert_eq!(fates(&line, &leased(4 * DAY)).unwrap(), [Fate::Wait], "the reader was there before");
    assert_eq!(fates(&line, &leased(DAY)).unwrap(), [Fate::Delete], "the reader came when it was marked already");
    assert!(!PruneOptions { grace: std::time::Duration::ZERO, ..leased(DAY) }.deletes_at_once());
}

#[test]
fn packs_are_repacked_until_few_enough_bytes_are_unused() {
    let lines = [
        (Named::Used, Some(1000), 1000, 0),
        (Named::Used, Some(1000), 970, 30),
        (Named::Used, Some(1000), 500, 500),
        (Named::Used, Some(1000), 100, 900),
    ];
    use Fate::{Keep, Repack};
    let with = |max_unused| PruneOptions { max_unused, ..PruneOptions::new(now()) };
    assert_eq!(fates(&lines, &with(MaxUnused::Share(0.05))).unwrap(), [Keep, Keep, Repack, Repack]);
    assert_eq!(fates(&lines, &with(MaxUnused::Bytes(0))).unwrap(), [Keep, Repack, Repack, Repack]);
    assert_eq!(fates(&lines, &with(MaxUnused::Bytes(530))).unwrap(), [Keep, Keep, Keep, Repack]);
    assert_eq!(fates(&lines, &with(MaxUnused::Unlimited)).unwrap(), [Keep; 4]);
    let little = PruneOptions { max_repack_bytes: 400, ..with(MaxUnused::Bytes(0)) };
    assert_eq!(fates(&lines, &little).unwrap(), [Keep, Keep, Keep, Repack], "no more than was allowed is read");
}

#[test]
fn small_packs_are_joined_when_asked_and_when_there_are_several() {
    let full = u64::from(PruneOptions::new(now()).pack_bytes);
    let (small, large) = ((Named::Used, Some(100), 100, 0), (Named::Used, Some(full), full, 0));
    let options = PruneOptions { repack: Repack::Small, ..PruneOptions::new(now()) };
    assert_eq!(fates(&[small, large, small], &options).unwrap(), [Fate::Repack, Fate::Keep, Fate::Repack]);
    assert_eq!(fates(&[small, large], &options).unwrap(), [Fate::Keep, Fate::Keep]);
}

#[test]
fn a_pack_that_is_shorter_than_its_used_blobs_stops_everything() {
    let error = fates(&[(Named::Used, Some(10), 90, 0)], &PruneOptions::new(now())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
}

#[test]
fn what_the_storage_keeps_is_marked_and_neither_deleted_nor_stored_twice() {
    let options = PruneOptions { grace: Duration::ZERO, max_unused: MaxUnused::Bytes(0), ..PruneOptions::new(now()) };
    let lines = [
        (Named::Used, Some(100), 90, 0),
        (Named::Used, Some(100), 10, 80),
        (Named::Used, Some(100), 0, 90),
        (Named::Nowhere, Some(100), 0, 0),
        (marked(3 * DAY), Some(100), 0, 90),
        (marked(3 * DAY), Some(100), 90, 0),
    ];
    use Fate::{Delete, Keep, Mark, Recover, Repack, Retire, Wait};
    assert_eq!(fates(&lines, &options).unwrap(), [Keep, Repack, Retire, Retire, Delete, Recover]);
    let until = now().checked_add(SignedDuration::from_hours(5)).unwrap();
    let decided = decisions(&lines, &options, Some(until)).unwrap();
    assert_eq!(decided.fates, [Keep, Keep, Mark, Mark, Wait, Recover]);
    assert_eq!((decided.stats.deleted.packs, decided.stats.next_deletion), (0, Some(until)));
    assert_eq!((decided.stats.locked.packs, decided.stats.locked_until), (6, Some(until)));
}
