//! Restores that people ask for in the portal: thought through, begun, approved, and done by the real agent.

mod bench;
mod undo;

use std::fs;

use bygone_store::Role;
use serde_json::{Value, json};

use crate::stack::{eventually, run};
pub(crate) use bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_is_thought_through_then_begun_with_a_choice_and_read_back() {
    let bench = Bench::new().await;
    let target = bench.source.join("put back");
    fs::create_dir(&target).unwrap();
    fs::write(target.join("small"), "mine").unwrap();
    let mut wish = bench.wish(&["small", "below"]);
    wish["target"] = json!({ "to": "folder", "path": target });
    wish["on_conflict"] = json!("ask");
    wish["dry_run"] = json!(true);
    let made = bench.ask(&bench.anna, "", &wish).await.unwrap();
    assert_eq!(made["state"], "checking", "{made}");
    let ready = bench.until(&bench.anna, &made, "ready").await;
    let check = &ready["check"];
    let numbers = ["create", "conflict", "same", "replace"].map(|name| check[name].as_u64().unwrap());
    assert_eq!(numbers, [1, 1, 0, 0], "{check}");
    assert!(check["bytes_free"].as_u64().unwrap() > check["bytes"].as_u64().unwrap());
    let report = bench.read(&bench.anna, &made, "/report").await;
    let small = bench.source.join("small").to_str().unwrap().to_owned();
    assert_eq!(report["entries"][0]["action"], "conflict", "conflicts come first: {report}");
    assert_eq!(
        (report["entries"][0]["item"].as_str(), report["entries_hidden"].as_u64()),
        (Some(small.as_str()), Some(0))
    );
    assert_eq!(fs::read_to_string(target.join("small")).unwrap(), "mine", "nothing was written");

    let begin = json!({ "on_conflict": "skip", "choices": [{ "path": small, "rule": "replace" }] });
    // Whoever cannot show the second factor does not write over what is there.
    let attended = bench.same_person_attended().await;
    assert_eq!(bench.ask(&attended, &verb(&made, "start"), &begin).await.unwrap_err().code(), "forbidden");
    let begun = bench.ask(&bench.anna, &verb(&made, "start"), &begin).await.unwrap();
    assert_eq!(begun["choices"][0]["rule"], "replace", "{begun}");
    let done = bench.until(&bench.anna, &made, "done").await;
    let result = &done["result"];
    assert_eq!((result["files"].as_u64(), result["replaced"].as_u64()), (Some(2), Some(1)), "{done}");
    assert_eq!(result["verified"], 2);
    bench.same_as_saved(&target);
    let safety = std::path::Path::new(result["safety_folder"].as_str().unwrap());
    assert_eq!(fs::read_to_string(safety.join("small")).unwrap(), "mine", "what was replaced is kept");
    let twice = bench.ask(&bench.anna, &verb(&made, "start"), &json!({})).await.unwrap_err();
    assert_eq!(twice.code(), "conflict", "it is begun once");

    let table = bench.raw(&bench.anna, &verb(&made, "report?format=csv")).await;
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "path,item,kind,action,bytes,why");
    assert!(lines.iter().any(|line| line.starts_with("/small,") && line.ends_with(",file,replace,7,")), "{table}");
    let told = bench.first_event(&bench.anna, &verb(&made, "events")).await;
    assert_eq!((told["state"].as_str(), &told["result"]), (Some("done"), result));
    let listed: Vec<Value> = bench.anna.api.all("/portal/v1/restores").await.unwrap();
    assert_eq!(listed.len(), 1);
    let audited: Vec<Value> = bench.admin.all(&bench.org_path("/audit?limit=500")).await.unwrap();
    let about = audited.iter().filter(|entry| entry["details"]["restore"] == made["uid"]);
    let actions: Vec<_> = about.map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["create", "run"], "by whom each was done is written down");
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_follow_a_restore_from_the_queue_to_its_end_while_its_machine_comes_back() {
    let mut bench = Bench::new().await;
    bench.stop_agent().await;
    let wish = bench.wish(&["small"]);
    let waiting = bench.ask(&bench.anna, "", &wish).await.unwrap();
    assert_eq!(waiting["state"], "queued", "{waiting}");
    assert_eq!(waiting["target"], json!({ "to": "new_folder" }), "by itself it goes where nothing is");
    let given_up = bench.ask(&bench.anna, "", &wish).await.unwrap();
    let given_up = bench.ask(&bench.anna, &verb(&given_up, "cancel"), &json!({})).await.unwrap();
    assert_eq!(given_up["state"], "cancelled", "{given_up}");
    assert!(given_up["ended_at"].is_string());
    let held = bench.ask(&bench.anna, &verb(&waiting, "pause"), &json!({})).await.unwrap();
    assert_eq!(held["state"], "paused");
    let mut events = bench.events(&bench.anna, &verb(&waiting, "events")).await;
    assert_eq!(events.next().await["state"], "paused", "the first one comes at once");
    bench.ask(&bench.anna, &verb(&waiting, "resume"), &json!({})).await.unwrap();
    assert_eq!(events.next().await["state"], "queued");
    bench.agent = Some(run(&bench.folder));
    let mut seen = Vec::new();
    while seen.last().is_none_or(|state| state != "done") {
        seen.push(events.next().await["state"].as_str().unwrap().to_owned());
    }
    assert!(seen.iter().all(|state| ["queued", "running", "done"].contains(&state.as_str())), "{seen:?}");
    let done = bench.until(&bench.anna, &waiting, "done").await;
    let folder = std::path::PathBuf::from(done["result"]["target"].as_str().unwrap());
    assert_eq!(fs::read_to_string(folder.join("small")).unwrap(), "content");
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_had_any_more_is_not_put_back_by_a_machine_that_was_away() {
    let mut bench = Bench::new().await;
    bench.stop_agent().await;
    let carol = bench.person(Role::User).await;
    let grant = bench.grant(&carol, &["see", "restore"]).await;
    let waiting = bench.ask(&carol, "", &bench.wish(&["small"])).await.unwrap();
    assert_eq!(waiting["state"], "queued", "{waiting}");
    bench.admin.delete(&bench.org_path(&format!("/grants/{grant}"))).await.unwrap();
    bench.agent = Some(run(&bench.folder));
    let failed = bench.until(&carol, &waiting, "failed").await;
    assert_eq!(failed["failure"]["code"], "denied", "{failed}");
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_asked_for_a_second_person_has_to_agree() {
    let bench = Bench::new().await;
    bench.require_approval().await;
    let mut wish = bench.wish(&["small"]);
    let made = bench.ask(&bench.anna, "", &wish).await.unwrap();
    assert_eq!((made["state"].as_str(), made["approval"]["state"].as_str()), (Some("approval"), Some("waits")));
    let refused = bench.ask(&bench.anna, &verb(&made, "approve"), &json!({})).await.unwrap_err();
    assert_eq!(refused.code(), "forbidden", "not by who asked");
    let auditor = bench.person(Role::Auditor).await;
    assert_eq!(bench.ask(&auditor, &verb(&made, "approve"), &json!({})).await.unwrap_err().code(), "forbidden");
    let bob = bench.person(Role::User).await;
    assert_eq!(bench.ask(&bob, &verb(&made, "approve"), &json!({})).await.unwrap_err().code(), "not_found");
    let operator = bench.person(Role::Operator).await;
    let waiting: Vec<Value> = operator.api.all("/portal/v1/restores?whose=all&waiting=true").await.unwrap();
    assert_eq!(waiting.iter().map(|one| &one["uid"]).collect::<Vec<_>>(), [&made["uid"]]);
    let denied = bench.ask(&operator, &verb(&made, "deny"), &json!({ "why": "not today" })).await.unwrap();
    assert_eq!((denied["state"].as_str(), denied["approval"]["why"].as_str()), (Some("denied"), Some("not today")));
    assert_eq!(bench.ask(&operator, &verb(&made, "approve"), &json!({})).await.unwrap_err().code(), "conflict");

    let again = bench.ask(&bench.anna, "", &wish).await.unwrap();
    let approved = bench.ask(&operator, &verb(&again, "approve"), &json!({})).await.unwrap();
    assert_eq!(approved["approval"]["by"]["uid"], operator.uid.to_string(), "{approved}");
    bench.until(&bench.anna, &again, "done").await;

    // Thinking it through asks nobody; beginning it does. Rights are those of the day on which it is approved.
    let carol = bench.person(Role::User).await;
    let grant = bench.grant(&carol, &["see", "restore"]).await;
    wish["dry_run"] = json!(true);
    let checked = bench.ask(&carol, "", &wish).await.unwrap();
    bench.until(&carol, &checked, "ready").await;
    let waits = bench.ask(&carol, &verb(&checked, "start"), &json!({})).await.unwrap();
    assert_eq!(waits["state"], "approval");
    bench.admin.delete(&bench.org_path(&format!("/grants/{grant}"))).await.unwrap();
    let late = bench.ask(&operator, &verb(&checked, "approve"), &json!({})).await.unwrap_err();
    assert_eq!(late.code(), "conflict", "{late}");
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_puts_back_what_one_may_and_nothing_else_seen_or_not() {
    let bench = Bench::new().await;
    let wish = bench.wish(&["small"]);
    let stranger = bench.person(Role::User).await;
    assert_eq!(bench.ask(&stranger, "", &wish).await.unwrap_err().code(), "not_found");
    let viewer = bench.person(Role::User).await;
    bench.grant(&viewer, &["see", "download"]).await;
    assert_eq!(bench.ask(&viewer, "", &wish).await.unwrap_err().code(), "forbidden");

    // May put back what is below one folder, and see none of it.
    let helper = bench.person(Role::User).await;
    let below = bench.source.join("below");
    bench.grant_at(&helper, below.to_str().unwrap(), &["restore"]).await;
    let tree = format!("/portal/v1/sources/{}/tree?path={}", bench.source_uid, below.display());
    assert_eq!(helper.api.get::<Value>(&tree).await.unwrap_err().code(), "not_found");
    let hidden = bench.ask(&helper, "", &wish).await.unwrap_err();
    assert_eq!(hidden.code(), "not_found", "beside it nothing is there for them");
    let mut all = bench.wish(&[]);
    all["items"] = json!([{ "path": bench.source }]);
    // To a machine of which they own nothing: with the second factor, or not at all.
    let made = bench.ask(&helper, "", &all).await.unwrap();
    let done = bench.until(&helper, &made, "done").await;
    let folder = std::path::PathBuf::from(done["result"]["target"].as_str().unwrap()).join("source");
    assert_eq!(
        fs::read(folder.join("below/large")).unwrap(),
        fs::read(bench.source.join("below/large")).unwrap(),
        "what they may put back is there"
    );
    assert!(!folder.join("small").exists(), "and nothing else");
    let report = bench.read(&helper, &made, "/report").await;
    assert_eq!(
        (report["entries"].as_array().unwrap().len(), report["entries_hidden"].as_u64()),
        (0, Some(3)),
        "{report}"
    );
    let full = bench.read(&bench.operator, &made, "/report").await;
    assert_eq!(full["entries"].as_array().unwrap().len(), 3, "who sees everything is told everything: {full}");
    // Its job is the server's: what that tells is not for them either.
    let jobs: Vec<Value> = helper.api.all(&bench.org_path("/jobs")).await.unwrap();
    assert!(jobs.is_empty(), "{jobs:?}");

    let mut elsewhere = all.clone();
    elsewhere["target"] = json!({ "to": "folder", "path": "/etc" });
    let refused = bench.ask(&helper, "", &elsewhere).await.unwrap_err();
    assert_eq!(refused.code(), "forbidden", "who could put files anywhere would rule the machine");
    elsewhere["target"] = json!({ "to": "original" });
    fs::remove_file(below.join("large")).unwrap();
    let made = bench.ask(&helper, "", &elsewhere).await.unwrap();
    bench.until(&helper, &made, "done").await;
    assert!(below.join("large").exists(), "where it was it may come back");
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_a_name_that_is_no_text_is_put_back_by_itself() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let names = [&b"caf\xe9"[..], b"caf\xe8", b"caf*", "caf\u{fffd}".as_bytes()];
    let bench = Bench::with(|source| {
        for name in names {
            fs::write(source.join(OsStr::from_bytes(name)), name).unwrap();
        }
        fs::create_dir(source.join(OsStr::from_bytes(b"d\xff"))).unwrap();
        fs::write(source.join(OsStr::from_bytes(b"d\xff/in it")), "in it").unwrap();
    })
    .await;
    let base64 = |name: &[u8]| {
        use base64::Engine as _;
        let path = [bench.source.as_os_str().as_bytes(), b"/", name].concat();
        json!({ "path_base64": base64::engine::general_purpose::STANDARD.encode(path) })
    };
    let mut wish = bench.wish(&[]);
    wish["items"] = json!([base64(names[0]), base64(b"d\xff")]);
    let made = bench.ask(&bench.anna, "", &wish).await.unwrap();
    assert_eq!(made["items"][0], format!("{}/caf\u{fffd}", bench.source.display()), "for people");
    let done = bench.until(&bench.anna, &made, "done").await;
    assert_eq!((done["result"]["files"].as_u64(), done["result"]["verified"].as_u64()), (Some(2), Some(2)), "{done}");
    let folder = std::path::PathBuf::from(done["result"]["target"].as_str().unwrap());
    let mut there: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    there.sort();
    assert_eq!(
        there,
        [OsStr::from_bytes(names[0]), OsStr::from_bytes(b"d\xff")],
        "these, and none that look like them"
    );
    assert_eq!(fs::read(folder.join(OsStr::from_bytes(names[0]))).unwrap(), names[0]);
    assert_eq!(fs::read_to_string(folder.join(OsStr::from_bytes(b"d\xff/in it"))).unwrap(), "in it");
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_that_cannot_be_is_refused_with_the_field_that_is_wrong() {
    let bench = Bench::new().await;
    let uid = "018f2f0e-0000-7000-8000-000000000001";
    let with = |field: &str, value: Value| {
        let mut wish = bench.wish(&["small"]);
        wish[field] = value;
        wish
    };
    for (wish, code, field) in [
        (with("items", json!([])), "invalid", "items"),
        (with("items", json!(vec![json!({ "path": "/x" }); 1_001])), "invalid", "items"),
        (with("items", json!([{ "path": "/a/../b" }])), "malformed", "path"),
        (with("items", json!([{ "path": "/a\u{0}b" }])), "malformed", "path"),
        (with("items", json!([{ "path_base64": "%" }])), "malformed", "path_base64"),
        (with("items", json!([{ "where": "/x" }])), "malformed", "items[0].where"),
        (with("items", json!([{ "path": "/no/such/file" }])), "not_found", ""),
        (with("source", json!(uid)), "not_found", ""),
        (with("source", json!("x")), "malformed", "source"),
        (with("at", json!("1999-01-01T00:00:00Z")), "not_found", ""),
        (with("at", json!("0a0a")), "invalid", ""),
        (with("agent", json!(uid)), "invalid", "agent"),
        (with("on_conflict", json!("always")), "malformed", "on_conflict"),
        (with("choices", json!(vec![json!({ "path": "/x", "rule": "skip" }); 1_001])), "invalid", "choices"),
        (with("choices", json!([{ "path": "/elsewhere", "rule": "skip" }])), "invalid", "choices"),
        (with("choices", json!([{ "path": "/a/../b", "rule": "skip" }])), "invalid", "choices"),
        (with("target", json!({ "to": "folder", "path": "/etc" })), "forbidden", "target.path"),
        (with("target", json!({ "to": "folder", "path": "relative" })), "invalid", "target.path"),
        (with("target", json!({ "to": "folder", "path": "/a/../etc" })), "invalid", "target.path"),
        (with("target", json!({ "to": "folder", "path": "/a\nb" })), "invalid", "target.path"),
        (with("target", json!({ "to": "folder", "path": "/".repeat(5_000) })), "invalid", "target.path"),
        (with("target", json!({ "to": "moon" })), "malformed", ""),
        (with("comment", json!("x".repeat(501))), "invalid", "comment"),
        (with("comment", json!("a\u{7}b")), "invalid", "comment"),
        (with("confined", json!(false)), "malformed", ""),
    ] {
        let error = bench.ask(&bench.anna, "", &wish).await.unwrap_err();
        let told = error.problem().map(|problem| problem.field.clone().unwrap_or_default()).unwrap_or_default();
        assert_eq!(error.code(), code, "{error}: {wish}");
        assert!(field.is_empty() || told == field, "{told:?} is not {field:?}: {error}");
    }
    for verb in ["start", "cancel", "pause", "approve"] {
        let error = bench.ask(&bench.anna, &format!("/{uid}/{verb}"), &json!({})).await.unwrap_err();
        assert_eq!(error.code(), "not_found", "{verb}");
    }
    eventually("nothing to be made of it", async || {
        bench.anna.api.all::<Value>("/portal/v1/restores").await.unwrap().is_empty()
    })
    .await;
    bench.end().await;
}

fn verb(restore: &Value, verb: &str) -> String {
    format!("/{}/{verb}", restore["uid"].as_str().unwrap())
}
