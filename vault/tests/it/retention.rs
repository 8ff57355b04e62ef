//! Retention decides as stock restic does, for the same reasons.

use std::collections::BTreeMap;

use bygone_common::hold::{Hold, HoldTag};
use bygone_common::retention::{Candidate, Fate, GroupBy, Reason, Retention};
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use crate::cheap::Cheap;

const SNAPSHOTS: usize = 120;
const SETS_OF_RULES: usize = 60;
const TREE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// One of restic's groups.
#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    keep: Option<Vec<Named>>,
    #[serde(default)]
    remove: Option<Vec<Named>>,
    #[serde(default)]
    reasons: Option<Vec<Reasons>>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Reasons {
    matches: Vec<String>,
}

/// Snapshots in clusters over three years, some from the future, in zones from west to east, no two at one moment.
fn forge_snapshots(cheap: &Cheap, random: &mut Rng, now: Timestamp) {
    let mut seconds = 0_i64;
    for number in 0..SNAPSHOTS {
        seconds += match random.u8(..10) {
            0..4 => random.i64(1..3600),
            4..7 => random.i64(3600..100_000),
            _ => random.i64(100_000..3_000_000),
        };
        // The first few lie in the future.
        let time = now + SignedDuration::from_hours(40) - SignedDuration::from_secs(seconds);
        let minutes = random.i32(-11..12) * 60 + if random.u8(..4) == 0 { 30 } else { 0 };
        let offset = jiff::tz::Offset::from_seconds(minutes * 60).unwrap();
        let sign = if minutes < 0 { '-' } else { '+' };
        let zone = format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
        let time = format!("{}{zone}", offset.to_datetime(time).strftime("%Y-%m-%dT%H:%M:%S%.f"));
        let paths: &[&str] = [["/a"].as_slice(), &["/a", "/b"], &["/b", "/a"]][random.usize(..3)];
        let tags: &[&str] = [[].as_slice(), &["x"], &["x", "y"], &["y", "x"], &["z"]][random.usize(..5)];
        let host = ["one", "two"][random.usize(..2)];
        let mut snapshot = json!({
            "time": time, "tree": TREE, "paths": paths, "hostname": host,
            "username": "user",
        });
        if !tags.is_empty() {
            snapshot["tags"] = json!(tags);
        }
        cheap.forge("snapshots", number as u64, &snapshot);
    }
}

/// A set of rules, as restic's options and as ours.
fn rules(random: &mut Rng) -> (Vec<String>, Retention, GroupBy) {
    let mut options = Vec::new();
    let mut rules = Retention::default();
    let counts = [
        ("last", &mut rules.last),
        ("hourly", &mut rules.hourly),
        ("daily", &mut rules.daily),
        ("weekly", &mut rules.weekly),
        ("monthly", &mut rules.monthly),
        ("yearly", &mut rules.yearly),
    ];
    for (name, count) in counts {
        let text = match random.u8(..10) {
            0..6 => continue,
            6 => "unlimited".to_owned(),
            _ => random.u32(0..8).to_string(),
        };
        *count = text.parse().unwrap();
        options.extend([format!("--keep-{name}"), text]);
    }
    let periods = [
        ("within", &mut rules.within),
        ("within-hourly", &mut rules.within_hourly),
        ("within-daily", &mut rules.within_daily),
        ("within-weekly", &mut rules.within_weekly),
        ("within-monthly", &mut rules.within_monthly),
        ("within-yearly", &mut rules.within_yearly),
    ];
    for (name, period) in periods {
        if random.u8(..10) < 7 {
            continue;
        }
        let mut text = String::new();
        for (unit, max) in [("y", 2), ("m", 14), ("d", 40), ("h", 60)] {
            if random.bool() {
                text.push_str(&format!("{}{unit}", random.u32(..max)));
            }
        }
        *period = text.parse().unwrap();
        options.extend([format!("--keep-{name}"), text]);
    }
    for _ in 0..random.usize(..3) {
        let text = ["x", "x,y", "z", ""][random.usize(..4)];
        rules.tags.push(text.parse().unwrap());
        options.extend(["--keep-tag".to_owned(), text.to_owned()]);
    }
    let group_by = ["host,paths", "", "host", "tags", "paths,tags"][random.usize(..5)];
    options.extend(["--group-by".to_owned(), group_by.to_owned()]);
    (options, rules, group_by.parse().unwrap())
}

/// Id to reasons; no reason is forgotten. What is kept only as the newest of its source is forgotten by restic.
fn ours(rules: &Retention, snapshots: &[Candidate], by: GroupBy, now: Timestamp) -> BTreeMap<String, Vec<String>> {
    let decisions = rules.decide(snapshots, by, now, |_| true).into_iter().flat_map(|group| group.decisions);
    let named = decisions.map(|decision| {
        let reasons = match decision.fate {
            Fate::Keep(reasons) => reasons,
            Fate::Forget => Vec::new(),
        };
        let reasons = reasons.iter().filter(|reason| **reason != Reason::NewestOfSource).map(Reason::to_string);
        (decision.id.to_string(), reasons.collect())
    });
    named.collect()
}

fn restics(cheap: &Cheap, options: &[String]) -> BTreeMap<String, Vec<String>> {
    let mut arguments = vec!["forget", "--dry-run", "--no-lock", "--json", "--unsafe-allow-remove-all"];
    arguments.extend(options.iter().map(String::as_str));
    let groups: Vec<Group> = serde_json::from_str(&cheap.restic.run(&arguments)).unwrap();
    let mut decided = BTreeMap::new();
    for group in groups {
        let reasons = group.reasons.unwrap_or_default().into_iter().map(|reasons| reasons.matches);
        let kept = group.keep.unwrap_or_default().into_iter().map(|snapshot| snapshot.id);
        decided.extend(kept.zip(reasons));
        decided.extend(group.remove.unwrap_or_default().into_iter().map(|snapshot| (snapshot.id, Vec::new())));
    }
    decided
}

#[test]
fn rules_keep_what_restic_keeps_and_for_the_same_reasons() {
    let cheap = Cheap::new("2");
    let mut random = Rng::with_seed(20_261_120);
    let now = Timestamp::now();
    forge_snapshots(&cheap, &mut random, now);
    let repository = cheap.open();
    let snapshots: Vec<_> = repository.snapshots().iter().map(|snapshot| snapshot.candidate(now)).collect();
    assert_eq!(snapshots.len(), SNAPSHOTS);
    let mut compared = 0;
    while compared < SETS_OF_RULES {
        let (options, rules, by) = rules(&mut random);
        if rules.is_empty() {
            continue;
        }
        let (ours, restics) = (ours(&rules, &snapshots, by, Timestamp::now()), restics(&cheap, &options));
        assert_eq!(ours, restics, "{options:?}");
        compared += 1;
    }
}

#[test]
fn a_hold_that_stock_restic_tagged_stays_and_does_not_change_its_group() {
    let cheap = Cheap::new("2");
    let now = Timestamp::now();
    for (number, day) in ["01", "02", "03"].iter().enumerate() {
        let snapshot = json!({
            "time": format!("2026-11-{day}T10:00:00Z"), "tree": TREE, "paths": ["/a"], "hostname": "one", "tags": ["x"],
        });
        cheap.forge("snapshots", number as u64, &snapshot);
    }
    let oldest = cheap.open().snapshots()[0].id.to_string();
    let hold = Hold::new("2026-17", "alice", "lawsuit, part 2", None).unwrap();
    // restic writes the snapshot anew, with the tag, under another id.
    cheap.restic.run(&["tag", "--add", &hold.to_tag(), &oldest]);
    let snapshots = cheap.open().snapshots();
    let held = &snapshots[0];
    assert_eq!(held.tags.iter().filter_map(|tag| HoldTag::of(tag)).collect::<Vec<_>>(), [HoldTag::Read(hold)]);
    let candidates: Vec<_> = snapshots.iter().map(|snapshot| snapshot.candidate(now)).collect();
    let rules = Retention { last: "1".parse().unwrap(), ..Retention::default() };
    let groups = rules.decide(&candidates, "tags".parse().unwrap(), now, |_| true);
    assert_eq!(groups.len(), 1);
    let kept: Vec<_> = groups[0].decisions.iter().map(|decision| decision.fate.is_kept()).collect();
    assert_eq!(kept, [true, false, true]);
    assert_eq!(groups[0].decisions[2].fate, Fate::Keep(vec![Reason::Held]));
}
