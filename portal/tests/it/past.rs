use axum::http::Method;
use bygone_store::grants::{Effect, Terms, Use};
use bygone_store::plans::NewPlan;
use serde_json::{Value, json};

use super::support::{execute, three_days};

#[tokio::test]
async fn versions_are_distinct_contents_with_the_snapshots_that_have_them() {
    let world = three_days().await;
    let me = world.person_with(&["/docs"]).await;
    let body = world.of(&me, "versions?path=/docs/report.txt").await.ok();
    let of = |at: usize| -> Vec<&str> {
        body["versions"][at]["snapshots"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
    };
    assert_eq!(
        (of(0), of(1)),
        (vec![world.snapshots[2].as_str(), &world.snapshots[0]], vec![world.snapshots[1].as_str()])
    );
    assert_eq!(
        (&body["versions"][1]["size"], &body["complete"], &body["snapshots"]),
        (&json!(4), &json!(true), &json!(3))
    );
    assert_ne!(body["versions"][0]["content"], body["versions"][1]["content"]);
    assert_eq!(world.of(&me, "versions?path=/docs/nothing").await.problem(), (404, None));
    assert_eq!(world.of(&me, "versions?path=/home/bob/b.txt").await.problem(), (404, None));
}

#[tokio::test]
async fn changes_say_when_a_path_came_changed_and_went() {
    let world = three_days().await;
    let me = world.person_with(&["/docs"]).await;
    let changes = async |path: &str| -> Vec<(String, String)> {
        let body = world.of(&me, &format!("changes?path={path}")).await.ok();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        body["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (text(&one["taken_at"])[8..10].to_owned(), text(&one["change"])))
            .collect()
    };
    let list = |items: &[(&str, &str)]| {
        items.iter().map(|(day, what)| ((*day).to_owned(), (*what).to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(changes("/docs/report.txt").await, list(&[("03", "changed"), ("02", "changed"), ("01", "appeared")]));
    assert_eq!(changes("/docs/plan.md").await, list(&[("02", "gone"), ("01", "appeared")]));
}

#[tokio::test]
async fn a_difference_is_told_line_by_line_and_says_what_was_moved() {
    let world = three_days().await;
    let me = world.person_with(&["/"]).await;
    let (one, two) = (&world.snapshots[0], &world.snapshots[1]);
    let told = |lines: &[Value]| -> Vec<String> {
        let line = |line: &Value| match line.get("end") {
            Some(end) => format!("end +{} ~{} -{} {}", end["added"], end["changed"], end["removed"], end["complete"]),
            None => {
                let from = line["from"]["path"].as_str().map(|from| format!(" from {from}")).unwrap_or_default();
                format!("{} {}{from}", line["change"].as_str().unwrap(), line["path"].as_str().unwrap())
            }
        };
        lines.iter().map(line).collect()
    };
    let all = world.of(&me, &format!("diff?from={one}&to={two}")).await;
    assert_eq!(all.headers["content-type"], "application/x-ndjson");
    assert_eq!(
        told(&all.lines()),
        [
            "added /archive",
            "moved /archive/older.txt from /docs/old.txt",
            "removed /docs/plan.md",
            "changed /docs/report.txt",
            "added /home/bob/new.txt",
            "end +2 ~1 -2 true",
        ]
    );
    let some = world.of(&me, &format!("diff?from={one}&to={two}&path=/home&kinds=added,removed")).await.lines();
    assert_eq!(told(&some), ["added /home/bob/new.txt", "end +1 ~0 -0 true"]);
    let back = world.of(&me, &format!("diff?from={two}&to={one}&path=/docs")).await.lines();
    assert_eq!(
        told(&back),
        ["added /docs/old.txt", "added /docs/plan.md", "changed /docs/report.txt", "end +2 ~1 -0 true"]
    );
    let mine = world.person_with(&["/docs"]).await;
    let part = world.of(&mine, &format!("diff?from={one}&to={two}")).await.lines();
    assert_eq!(
        told(&part),
        ["removed /docs/old.txt", "removed /docs/plan.md", "changed /docs/report.txt", "end +0 ~1 -2 true"]
    );
    let nothing = world.of(&me, &format!("diff?from={two}&to={two}")).await.lines();
    assert_eq!(told(&nothing), ["end +0 ~0 -0 true"]);
}

#[tokio::test]
async fn the_timeline_counts_once_and_only_what_may_be_seen() {
    let world = three_days().await;
    let (all, bob) = (world.person_with(&["/"]).await, world.person_with(&["/home/bob"]).await);
    let counts = |body: &Value| -> Vec<Value> {
        let of = |item: &Value| match &item["changes"] {
            Value::Null => Value::Null,
            changes => json!([changes["added"], changes["changed"], changes["removed"]]),
        };
        body["items"].as_array().unwrap().iter().map(of).collect()
    };
    let body = world.of(&all, "timeline").await.ok();
    assert_eq!(counts(&body), [json!([0, 1, 0]), json!([2, 1, 2]), Value::Null]);
    assert_eq!((&body["counted"], &body["items"][1]["changes"]["removed_bytes"]), (&json!(true), &json!(29)));
    assert_eq!(body["items"][0]["files"], 5);
    let part = world.of(&bob, "timeline").await.ok();
    assert_eq!(counts(&part), [json!([0, 0, 0]), json!([1, 0, 0]), Value::Null]);
    assert_eq!(part["items"][0]["files"], Value::Null, "how many others there are is nobody else's business");
    assert_eq!(counts(&world.of(&all, "timeline?path=/docs").await.ok())[1], json!([0, 1, 2]));
    // What was counted is kept, and the same afterwards.
    let source = world.portal.source(&all, world.source).await.unwrap();
    assert_eq!(world.store.snapshot_changes().of(&source).await.unwrap().len(), 2);
    assert_eq!(world.of(&all, "timeline").await.ok()["items"], body["items"]);
    let first = world.of(&all, "timeline?limit=1").await.ok();
    assert_eq!(counts(&first), [json!([0, 1, 0])]);
    let rest = world.of(&all, &format!("timeline?limit=5&after={}", first["next"].as_str().unwrap())).await.ok();
    assert_eq!(counts(&rest), [json!([2, 1, 2]), Value::Null]);
    let thin = world.of(&all, "timeline?points=2").await.ok();
    let points: Vec<(u64, Value)> = thin["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["snapshots"].as_u64().unwrap(), one["changes"]["added"].clone()))
        .collect();
    assert_eq!(points, [(2, json!(2)), (1, Value::Null)]);
}

#[tokio::test]
async fn a_timeline_tells_who_sees_holds_what_is_held() {
    let mut world = three_days().await;
    world.take_held("2026-10-04 10:00:00").await;
    let me = world.person_with(&["/"]).await;
    let held = |body: &Value| -> Vec<Value> {
        body["items"].as_array().unwrap().iter().map(|one| one["held"].clone()).collect()
    };
    let all = world.of(&world.admin, "timeline").await.ok();
    assert_eq!(held(&all), [json!(true), json!(false), json!(false), json!(false)]);
    assert_eq!(held(&world.of(&world.admin, "timeline?points=1").await.ok()), [json!(true)]);
    assert_eq!(
        held(&world.of(&me, "timeline").await.ok()),
        vec![Value::Null; 4],
        "a lawsuit is not everybody's business"
    );
}

#[tokio::test]
async fn a_timeline_tells_until_when_storage_keeps_what_was_written() {
    let world = three_days().await;
    let me = world.person_with(&["/docs"]).await;
    // The newest first; it is the first of November.
    let locked = async |query: &str| -> Vec<Option<String>> {
        let body = world.of(&me, &format!("timeline{query}")).await.ok();
        let until = |item: &Value| item.get("locked_until").map(|until| until.as_str().unwrap().to_owned());
        body["items"].as_array().unwrap().iter().map(until).collect()
    };
    let rule = async |days: &str, location: &str| {
        let repository = world.repository;
        let change = format!("update repositories set worm_days = {days}, location = '{location}'");
        execute(&world.store, format!("{change} where uid = '{repository}'")).await;
    };
    let until = |time: &str| Some(time.to_owned());
    assert_eq!(locked("").await, [None, None, None], "no rule, and no field");
    rule("30", "/main").await;
    assert_eq!(locked("").await, [None, None, None], "a copy on a disk has the rule, and nothing that keeps it");
    rule("30", "s3:https://s3.example.org/main").await;
    assert_eq!(
        locked("").await,
        [until("2026-11-02T10:00:00Z"), None, None],
        "what was free at this very moment is free: 1 November 10:00"
    );
    rule("31", "s3:https://s3.example.org/main").await;
    assert_eq!(locked("").await, [until("2026-11-03T10:00:00Z"), until("2026-11-02T10:00:00Z"), None]);
    assert_eq!(locked("?points=1").await, [until("2026-11-03T10:00:00Z")], "the last of those that a point stands for");
}

#[tokio::test]
async fn what_a_plan_leaves_out_is_told_to_who_may_see_everything() {
    let world = three_days().await;
    let (all, part) = (world.person_with(&["/"]).await, world.person_with(&["/docs"]).await);
    assert_eq!(world.of(&all, "coverage").await.ok(), json!({ "paths": ["/data"], "plans": [] }));
    for (name, enabled) in [("nightly", true), ("off", false)] {
        let spec = json!({
            "sources": [world.source],
            "repositories": [world.repository],
            "capture": { "exclude": ["node_modules"], "iexclude": ["*.TMP"], "exclude_larger_than": 5, "exclude_caches": true },
        });
        let new = NewPlan { name: name.to_owned(), enabled, spec: serde_json::from_value(spec).unwrap() };
        world.store.plans().create(&world.admin, world.org, new).await.unwrap();
    }
    let told = world.of(&all, "coverage").await.ok();
    assert_eq!(told["plans"].as_array().unwrap().len(), 1, "a plan that is off saves nothing");
    let plan = &told["plans"][0];
    assert_eq!((&plan["patterns"], &plan["larger_than"]), (&json!(["node_modules", "*.TMP"]), &json!(5)));
    assert_eq!((&plan["caches"], &plan["git_ignored"]), (&json!(true), &json!(false)));
    assert_eq!(world.of(&part, "coverage").await.ok(), json!({ "paths": null, "plans": null }));
}

#[tokio::test]
async fn a_snapshot_whose_neighbor_was_forgotten_is_counted_anew() {
    let mut world = three_days().await;
    let me = world.person_with(&["/"]).await;
    world.of(&me, "timeline").await.ok();
    let second = world.snapshots[1].clone();
    world.forget(&second).await;
    let body = world.of(&me, "timeline").await.ok();
    assert_eq!(body["items"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&body["items"][0]["changes"]["added"], &body["items"][0]["changes"]["changed"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(world.of(&me, &format!("tree?at={second}")).await.problem(), (404, None));
}

#[tokio::test]
async fn a_grant_of_some_days_shows_no_older_snapshot() {
    let world = three_days().await;
    let me = world.person(bygone_store::Role::User).await;
    let terms = Terms { history_days: Some(30), ..Terms::default() };
    world.grant(&me, "/docs", Effect::Allow, &[Use::See], terms).await;
    let days: Vec<Value> = world.of(&me, "timeline").await.ok()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["taken_at"].clone())
        .collect();
    assert_eq!(days, [json!("2026-10-03T10:00:00Z"), json!("2026-10-02T10:00:00Z")]);
    assert_eq!(world.of(&me, &format!("tree?at={}", world.snapshots[0])).await.problem(), (404, None));
    let versions = world.of(&me, "versions?path=/docs/report.txt").await.ok();
    assert_eq!((versions["versions"].as_array().unwrap().len(), &versions["snapshots"]), (2, &json!(2)));
    assert_eq!(world.of(&me, "versions?path=/docs/plan.md").await.problem(), (404, None));
}

#[tokio::test]
async fn a_shared_place_shows_nobody_more_than_they_may_see() {
    let world = three_days().await;
    let (me, other) = (world.person_with(&["/docs"]).await, world.person_with(&["/home"]).await);
    let new = json!({ "source": world.source, "at": world.snapshots[0], "path": "/docs/plan.md", "shown": "pv=1" });
    let made = world.ask(&me, Method::POST, "/places", new).await;
    assert_eq!(made.status.as_u16(), 201, "{made:?}");
    let path = format!("/places/{}", made.json()["uid"].as_str().unwrap());
    assert_eq!(world.get(&me, &path).await.ok(), made.json());
    assert_eq!((&made.json()["at"], &made.json()["shown"]), (&json!("2026-10-01T10:00:00Z"), &json!("pv=1")));
    assert_eq!(world.get(&other, &path).await.problem(), (404, None));
    let hidden = json!({ "source": world.source, "path": "/home" });
    assert_eq!(world.ask(&me, Method::POST, "/places", hidden).await.problem(), (404, None));
}
