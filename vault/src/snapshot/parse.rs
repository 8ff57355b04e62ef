//! Snapshot files: restic's JSON, read with as few demands as possible.

use std::borrow::Cow;

use bygone_common::{SnapshotId, TreeId};
use jiff::Timestamp;
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use jiff::tz::Offset;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};

use super::{Snapshot, Summary};
use crate::error::{Error, ErrorKind, Result};

/// The fields as they are written. Those behind [`lenient`] never make a snapshot unreadable.
#[derive(Deserialize)]
struct Stored<'a> {
    #[serde(borrow)]
    time: Cow<'a, str>,
    tree: Option<TreeId>,
    #[serde(default, deserialize_with = "lenient")]
    parent: Option<SnapshotId>,
    #[serde(default, deserialize_with = "list")]
    paths: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    hostname: String,
    #[serde(default, deserialize_with = "lenient")]
    username: String,
    #[serde(default, deserialize_with = "lenient")]
    uid: u32,
    #[serde(default, deserialize_with = "lenient")]
    gid: u32,
    #[serde(default, deserialize_with = "list")]
    tags: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    excludes: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    original: Option<SnapshotId>,
    #[serde(default, deserialize_with = "lenient")]
    program_version: String,
    #[serde(default, deserialize_with = "lenient")]
    summary: Option<Summary>,
}

pub(super) fn snapshot(id: SnapshotId, json: &[u8]) -> Result<Snapshot> {
    let damaged = |why: &str| Error::new(ErrorKind::Damaged, format!("snapshot {} {why}", id.short()));
    let stored: Stored<'_> =
        serde_json::from_slice(json).map_err(|error| damaged("is not a snapshot's JSON").because(error))?;
    let (time, offset) =
        stored_time(&stored.time).ok_or_else(|| damaged(&format!("has a time nobody can read: {:?}", stored.time)))?;
    let tree = stored.tree.ok_or_else(|| damaged("names no tree"))?;
    Ok(Snapshot {
        id,
        time,
        offset,
        tree,
        parent: stored.parent,
        paths: stored.paths,
        hostname: stored.hostname,
        username: stored.username,
        uid: stored.uid,
        gid: stored.gid,
        tags: stored.tags,
        excludes: stored.excludes,
        original: stored.original,
        program_version: stored.program_version,
        summary: stored.summary,
    })
}

/// RFC 3339 with or without a fraction, an offset or rustic's zone annotation. Without an offset it is UTC.
fn stored_time(text: &str) -> Option<(Timestamp, Offset)> {
    let pieces = Pieces::parse(text).ok()?;
    let offset = match pieces.offset() {
        None | Some(PiecesOffset::Zulu) => Offset::UTC,
        Some(PiecesOffset::Numeric(numeric)) => numeric.offset(),
        Some(_) => return None,
    };
    let time = pieces.time().unwrap_or_else(jiff::civil::Time::midnight);
    let timestamp = offset.to_timestamp(pieces.date().to_datetime(time)).ok()?;
    Some((timestamp, offset))
}

/// The value if it has the expected shape, the default if it has any other.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(deserializer: D) -> Result<T, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// A list of texts; a lone text is a list of one, anything else is empty.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => vec![text],
        value => serde_json::from_value(value).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    const TREE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn parse(json: &str) -> Result<Snapshot, String> {
        Snapshot::parse(SnapshotId::default(), json.replace("TREE", TREE).as_bytes()).map_err(|error| error.chain())
    }

    fn check_time(stored: &str, expected: &str) {
        let snapshot = parse(&format!(r#"{{"time":"{stored}","tree":"TREE"}}"#)).unwrap();
        assert_eq!(snapshot.rfc3339(), expected);
    }

    #[test]
    fn a_snapshot_of_restic_is_read_in_full() {
        let snapshot = parse(
            r#"{"time":"2026-11-01T10:00:00.895208559+01:00","parent":"TREE","tree":"TREE","paths":["/home","/etc"],
                "hostname":"alice-pc","username":"alice","uid":1000,"gid":100,"excludes":["*.o"],"tags":["a","b"],
                "original":"TREE","program_version":"restic 0.19.1","summary":{"backup_start":"x","files_new":3}}"#,
        )
        .unwrap();
        assert_eq!(snapshot.time.to_string(), "2026-11-01T09:00:00.895208559Z");
        assert_eq!((snapshot.uid, snapshot.gid), (1000, 100));
        assert_eq!(snapshot.paths, ["/home", "/etc"]);
        assert_eq!(snapshot.tags, ["a", "b"]);
        assert_eq!(snapshot.excludes, ["*.o"]);
        assert_eq!(snapshot.summary.map(|summary| summary.files_new), Some(3));
        assert!(snapshot.parent.is_some() && snapshot.original.is_some());
    }

    #[test]
    fn times_are_named_as_restic_names_them() {
        check_time("2026-11-01T10:00:00.5+01:00", "2026-11-01T10:00:00+01:00");
        check_time("2026-11-01T10:00:00-03:30", "2026-11-01T10:00:00-03:30");
        check_time("2026-11-01T10:00:00Z", "2026-11-01T10:00:00Z");
        check_time("2026-11-01T10:00:00+00:00", "2026-11-01T10:00:00Z");
        check_time("2026-11-01T10:00:00+01:00[Europe/Berlin]", "2026-11-01T10:00:00+01:00");
        check_time("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z");
    }

    #[test]
    fn unknown_fields_nulls_and_odd_shapes_do_not_make_a_snapshot_unreadable() {
        let snapshot = parse(
            r#"{"time":"2026-11-01T10:00:00Z","tree":"TREE","paths":"/one","tags":null,"uid":-1,"hostname":7,
                "delete":{"After":"x"},"summary":"x","parent":"short"}"#,
        )
        .unwrap();
        assert_eq!(snapshot.paths, ["/one"]);
        assert_eq!((snapshot.uid, snapshot.hostname.as_str(), snapshot.parent), (0, "", None));
        assert_eq!(snapshot.summary, None);
    }

    #[test]
    fn what_cannot_be_a_snapshot_is_damaged_and_named() {
        assert_eq!(
            parse(r#"{"time":"2026-11-01T10:00:00Z","tree":null}"#),
            Err("snapshot 00000000 names no tree".into())
        );
        assert_eq!(
            parse(r#"{"time":"yesterday","tree":"TREE"}"#),
            Err("snapshot 00000000 has a time nobody can read: \"yesterday\"".into())
        );
        assert!(parse("{").unwrap_err().starts_with("snapshot 00000000 is not a snapshot's JSON: "));
    }
}
