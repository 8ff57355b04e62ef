//! What a restore replaced is kept for a week, and can be put back.

use std::fs;
use std::path::{Path, PathBuf};

use bygone_agent::Options;
use bygone_agent::safety::KEPT;
use bygone_common::Clock;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::bench::Bench;
use super::verb;
use crate::stack::{eventually, quick, run_with};

/// Replaces a file of a folder; the restore, and the folder.
async fn replace(bench: &Bench) -> (Value, PathBuf) {
    let target = bench.source.join("put back");
    fs::create_dir_all(target.join("below")).unwrap();
    fs::write(target.join("small"), "mine").unwrap();
    fs::write(target.join("below/large"), "mine too").unwrap();
    let mut wish = bench.wish(&["small", "below"]);
    wish["target"] = json!({ "to": "folder", "path": target });
    wish["on_conflict"] = json!("replace");
    let made = bench.ask(&bench.anna, "", &wish).await.unwrap();
    (bench.until(&bench.anna, &made, "done").await, target)
}

async fn until_undone(bench: &Bench, restore: &Value) -> Value {
    let mut told = Value::Null;
    eventually("the end of putting back", async || {
        told = bench.read(&bench.anna, restore, "").await;
        told["undo"]["ended_at"].is_string()
    })
    .await;
    told
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_replaced_is_put_back_and_what_took_its_place_is_kept() {
    let bench = Bench::new().await;
    let (done, target) = replace(&bench).await;
    assert_eq!((done["undoable"].as_bool(), &done["undo"]), (Some(true), &Value::Null), "{done}");
    bench.same_as_saved(&target);
    let safety = PathBuf::from(done["result"]["safety_folder"].as_str().unwrap());
    // Meanwhile one of them was changed: that is not lost either.
    fs::write(target.join("small"), "changed since").unwrap();

    let attended = bench.same_person_attended().await;
    let refused = bench.ask(&attended, &verb(&done, "undo"), &json!({})).await.unwrap_err();
    assert_eq!(refused.code(), "forbidden", "it takes the place of what is there");
    let others = bench.ask(&bench.operator, &verb(&done, "undo"), &json!({})).await.unwrap_err();
    assert_eq!(others.code(), "not_found", "it is for who asked for the restore");
    bench.ask(&bench.anna, &verb(&done, "undo"), &json!({})).await.unwrap();
    let undone = until_undone(&bench, &done).await;
    let undo = &undone["undo"];
    assert_eq!((undo["state"].as_str(), undo["files"].as_u64()), (Some("succeeded"), Some(2)), "{undone}");
    assert_eq!((undone["state"].as_str(), undone["undoable"].as_bool()), (Some("done"), Some(false)));
    assert_eq!((read(&target, "small"), read(&target, "below/large")), ("mine".to_owned(), "mine too".to_owned()));
    assert!(!safety.exists(), "nothing is left in it");
    let kept = PathBuf::from(undo["kept"].as_str().unwrap());
    assert_eq!(read(&kept, "small"), "changed since");
    assert!(fs::read(kept.join("below/large")).unwrap() == fs::read(bench.source.join("below/large")).unwrap());
    let twice = bench.ask(&bench.anna, &verb(&done, "undo"), &json!({})).await.unwrap_err();
    assert_eq!(twice.code(), "conflict", "it is back already");

    let audited: Vec<Value> = bench.admin.all(&bench.org_path("/audit?limit=500")).await.unwrap();
    let about = audited.iter().filter(|entry| entry["details"]["restore"] == done["uid"]);
    assert!(about.into_iter().any(|entry| entry["details"]["undo"] == true && entry["action"] == "run"));
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_replaced_nothing_has_nothing_to_put_back() {
    let bench = Bench::new().await;
    let made = bench.ask(&bench.anna, "", &bench.wish(&["small"])).await.unwrap();
    let early = bench.ask(&bench.anna, &verb(&made, "undo"), &json!({})).await.unwrap_err();
    assert_eq!(early.code(), "conflict");
    let done = bench.until(&bench.anna, &made, "done").await;
    assert_eq!(done["undoable"], false);
    let refused = bench.ask(&bench.anna, &verb(&done, "undo"), &json!({})).await.unwrap_err();
    assert_eq!(refused.code(), "conflict", "{refused}");
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_later_the_machine_removes_what_was_replaced() {
    let mut bench = Bench::new().await;
    bench.stop_agent().await;
    let clock = Clock::manual(Timestamp::now());
    let options = || Options { clock: clock.clone(), ..quick() };
    bench.agent = Some(run_with(&bench.folder, options()));
    let (done, target) = replace(&bench).await;
    let safety = PathBuf::from(done["result"]["safety_folder"].as_str().unwrap());
    // Whoever runs then removes it.
    bench.stop_agent().await;
    clock.advance(KEPT + SignedDuration::from_secs(1));
    assert_eq!(read(&safety, "small"), "mine");
    bench.agent = Some(run_with(&bench.folder, options()));
    eventually("the end of what was replaced", async || !safety.exists()).await;
    bench.same_as_saved(&target);
    bench.end().await;
}
