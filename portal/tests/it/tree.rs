use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use bygone_store::Role;
use serde_json::json;

use super::support::{World, entry, names, three_days};

#[tokio::test]
async fn a_folder_is_shown_as_it_was_at_a_snapshot_or_at_a_time() {
    let world = three_days().await;
    let me = world.person_with(&["/"]).await;
    let first = &world.snapshots[0];
    for at in ["2026-10-01T23:00:00Z", first, &first[..8]] {
        let tree = world.of(&me, &format!("tree?path=/docs&at={at}")).await.ok();
        assert_eq!(names(&tree), ["old.txt", "plan.md", "report.txt"], "{at}");
        assert_eq!(
            (&tree["snapshot"]["id"], &tree["total"], &tree["path"]),
            (&json!(first), &json!(3), &json!("/docs"))
        );
        assert_eq!(entry(&tree, "report.txt")["size"], 3);
    }
    let latest = world.of(&me, "tree").await.ok();
    assert_eq!(names(&latest), ["archive", "docs", "home"]);
    assert_eq!(latest["uses"], json!(["see", "preview", "download", "restore"]));
    assert_eq!(world.of(&me, "tree?at=2026-09-30T00:00:00Z").await.problem(), (404, None));
    assert_eq!(world.of(&me, "tree?path=/docs/report.txt").await.problem(), (422, Some("path".to_owned())));
}

#[tokio::test]
async fn what_is_gone_and_what_changed_is_shown_when_asked_for() {
    let world = three_days().await;
    let me = world.person_with(&["/"]).await;
    let tree = world.of(&me, "tree?path=/docs&deleted=true").await.ok();
    assert_eq!(names(&tree), ["old.txt", "plan.md", "report.txt"]);
    assert_eq!((&tree["total"], &tree["deleted"], &tree["deleted_complete"]), (&json!(1), &json!(2), &json!(true)));
    assert_eq!(entry(&tree, "plan.md")["deleted"]["id"], world.snapshots[0].as_str());
    assert!(entry(&tree, "report.txt").get("deleted").is_none());
    let paged = world.of(&me, "tree?path=/docs&deleted=true&limit=1").await.ok();
    let next = world
        .of(&me, &format!("tree?path=/docs&deleted=true&limit=2&after={}", paged["next"].as_str().unwrap()))
        .await
        .ok();
    assert_eq!(
        (names(&paged), names(&next), &next["next"]),
        (vec!["old.txt"], vec!["plan.md", "report.txt"], &json!(null))
    );
    let since = |at: &str| format!("tree?at=2026-10-02T12:00:00Z&changed_since={at}");
    let changed = world.of(&me, &since("2026-10-01T12:00:00Z")).await.ok();
    assert_eq!(names(&changed), ["archive", "docs", "home"]);
    assert_eq!(
        (&entry(&changed, "archive")["change"], &entry(&changed, "docs")["change"]),
        (&json!("added"), &json!("changed"))
    );
    let changed = world.of(&me, &format!("{}&path=/home", since("2026-10-01T12:00:00Z"))).await.ok();
    assert_eq!((names(&changed), &changed["total"]), (vec!["bob"], &json!(1)));
    assert_eq!(names(&world.of(&me, &since("2026-10-02T12:00:00Z")).await.ok()), [""; 0]);
}

#[tokio::test]
async fn pages_of_a_large_folder_make_up_the_whole_in_any_order() {
    let mut world = World::empty().await;
    for at in 0..57 {
        world.write(&format!("f{at}.txt"), "x".repeat(60 - at));
    }
    world.write("sub/x", "");
    world.write("Zub/x", "");
    world.take("2026-10-01 10:00:00").await;
    let me = world.person_with(&["/"]).await;
    let by_number: Vec<String> =
        ["sub", "Zub"].into_iter().map(str::to_owned).chain((0..57).map(|at| format!("f{at}.txt"))).collect();
    let folders = |list: &[String]| list[..2].to_vec();
    let mut down = folders(&by_number);
    down.extend(by_number[2..].iter().rev().cloned());
    let down_by_name: Vec<String> =
        ["Zub", "sub"].into_iter().map(str::to_owned).chain(down[2..].iter().cloned()).collect();
    for (order, expected) in
        [("sort=name", &by_number), ("sort=name&descending=true", &down_by_name), ("sort=size", &down)]
    {
        for limit in [1, 7, 58, 59, 500] {
            let (mut seen, mut after) = (Vec::new(), String::new());
            loop {
                let page = world.of(&me, &format!("tree?{order}&limit={limit}{after}")).await.ok();
                assert_eq!(page["total"], 59);
                seen.extend(names(&page).into_iter().map(str::to_owned));
                match page["next"].as_str() {
                    Some(next) => after = format!("&after={next}"),
                    None => break,
                }
            }
            assert_eq!(&seen, expected, "{order} {limit}");
        }
        for offset in [0, 1, 30, 58, 59, 1_000] {
            let page = world.of(&me, &format!("tree?{order}&limit=5&offset={offset}")).await.ok();
            let rest = expected.iter().skip(offset).take(5).collect::<Vec<_>>();
            assert_eq!(names(&page).iter().collect::<Vec<_>>(), rest, "{order} {offset}");
        }
    }
    let found = world.of(&me, "tree?contains=F1&limit=2&offset=1").await.ok();
    assert_eq!((names(&found), &found["total"]), (vec!["f10.txt", "f11.txt"], &json!(11)));
    for wrong in ["offset=1&after=x", "offset=-1", &format!("contains={}", "x".repeat(256))] {
        assert_eq!(world.of(&me, &format!("tree?{wrong}")).await.problem().0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn any_place_of_a_list_with_what_is_gone_is_reached_at_once() {
    let mut world = World::empty().await;
    for at in 0..40 {
        world.write(&format!("f{at:02}.txt"), "x");
    }
    world.take("2026-10-01 10:00:00").await;
    for at in (0..40).filter(|at| at % 3 == 0 || *at > 35) {
        std::fs::remove_file(world.path(&format!("f{at:02}.txt"))).unwrap();
    }
    world.take("2026-10-02 10:00:00").await;
    // Who may see all of it jumps; whose files matter is counted one by one.
    for me in [world.person_with(&["/"]).await, world.person_with(&["/", "/f07.txt"]).await] {
        let whole = world.of(&me, "tree?deleted=true&limit=500").await.ok();
        let whole = names(&whole);
        assert_eq!(whole.len(), 40);
        for offset in 0..=41 {
            let page = world.of(&me, &format!("tree?deleted=true&limit=3&offset={offset}")).await.ok();
            assert_eq!(names(&page), whole.iter().skip(offset).take(3).copied().collect::<Vec<_>>(), "{offset}");
        }
        let gone = world.of(&me, "tree?deleted=true&contains=f3").await.ok();
        assert_eq!((&gone["total"], &gone["deleted"]), (&json!(4), &json!(6)), "{gone}");
    }
}

#[tokio::test]
async fn names_that_are_not_utf8_are_shown_and_found_whole() {
    let mut world = World::empty().await;
    let folder = world.path("").join(OsStr::from_bytes(b"d\xff"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join(OsStr::from_bytes(b"f\xfe")), "inside").unwrap();
    world.take("2026-10-01 10:00:00").await;
    let me = world.person_with(&["/"]).await;
    let root = world.of(&me, "tree").await.ok();
    assert_eq!(root["entries"][0]["name_base64"], "ZP8=");
    let below = world.of(&me, "tree?path_base64=ZP8=").await.ok();
    assert_eq!((&below["path_base64"], &below["entries"][0]["name_base64"]), (&json!("L2T/"), &json!("Zv4=")));
    let text = world.of(&me, "text?path_base64=L2T_L2b-").await.ok();
    assert_eq!(text["text"], "inside");
}

#[tokio::test]
async fn sources_are_listed_for_whom_they_show_anything() {
    let world = three_days().await;
    let (mine, nobody) = (world.person_with(&["/home/anna"]).await, world.person(Role::User).await);
    let list = world.get(&mine, "/sources").await.ok();
    let source = &list["items"][0];
    assert_eq!((&source["name"], &source["whole"], &source["snapshots"]), (&json!("pc"), &json!(false), &json!(3)));
    assert_eq!(source["last_at"], "2026-10-03T10:00:00Z");
    assert_eq!(world.get(&nobody, "/sources").await.ok()["items"], json!([]));
    assert_eq!(world.of(&nobody, "tree").await.problem(), (404, None));
    let operator = world.person(Role::Operator).await;
    let seen = world.get(&operator, &format!("/sources/{}", world.source)).await.ok();
    assert_eq!((&seen["whole"], &seen["uses"]), (&json!(true), &json!(["see", "restore"])));
}
