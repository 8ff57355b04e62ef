//! Nothing outside the grants appears in any answer: random rules over a tree, and every answer against the rules read one
//! by one.

use std::collections::BTreeSet;

use bygone_common::access::Owner;
use bygone_store::grants::{Effect, Terms, Use};
use bygone_store::{Action, Actor, Page, Role};
use serde_json::{Value, json};

use super::support::{World, names, three_days};

const ALL: [Use; 4] = [Use::See, Use::Preview, Use::Download, Use::Restore];

/// Every file of the world below, by the snapshots that have it.
const FILES: [(&str, [bool; 2]); 9] = [
    ("a/b/c/1", [true, true]),
    ("a/b/2", [true, false]),
    ("a/b/3", [false, true]),
    ("a/d/4", [true, true]),
    ("a/5", [true, false]),
    ("e/b/6", [true, true]),
    ("e/7", [false, true]),
    ("f/8", [true, false]),
    ("9", [true, true]),
];
const PATHS: [&str; 10] = ["/", "/a", "/a/b", "/a/b/c", "/a/b/2", "/a/d", "/e", "/e/b", "/f", "/f/8"];
const ROUNDS: u64 = 40;

/// Numbers that look random, and are the same every time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end
    }
}

struct Rule {
    path: &'static str,
    effect: Effect,
    uses: Vec<Use>,
}

fn is_at_or_below(path: &str, top: &str) -> bool {
    top == "/" || path == top || path.strip_prefix(top).is_some_and(|rest| rest.starts_with('/'))
}

fn may(rules: &[Rule], path: &str, one: Use) -> bool {
    let any = |effect, one| {
        rules.iter().any(|rule| rule.effect == effect && rule.uses.contains(&one) && is_at_or_below(path, rule.path))
    };
    let given = |one| any(Effect::Allow, one) && !any(Effect::Deny, one);
    match one {
        Use::See | Use::Restore => given(one),
        Use::Preview | Use::Download => given(one) && given(Use::See),
    }
}

/// Whether a folder is shown as the way to something: to the path of a rule.
fn is_way(rules: &[Rule], path: &str) -> bool {
    rules.iter().any(|rule| {
        rule.effect == Effect::Allow
            && rule.uses.contains(&Use::See)
            && rule.path != path
            && is_at_or_below(rule.path, path)
            && may(rules, rule.path, Use::See)
    })
}

async fn world() -> World {
    let mut world = World::empty().await;
    for (name, there) in FILES {
        if there[0] {
            world.write(name, name);
        }
    }
    world.take("2026-10-01 10:00:00").await;
    for (name, there) in FILES {
        match there {
            [true, false] => std::fs::remove_file(world.path(name)).unwrap(),
            [false, true] => world.write(name, name),
            _ => {}
        }
    }
    world.take("2026-10-02 10:00:00").await;
    world
}

/// Everything that listing folders from the root on shows, with what may be done with it; bare folders without.
pub(crate) async fn walked(world: &World, actor: &Actor, at: &str) -> BTreeSet<(String, bool, Vec<String>)> {
    let mut shown = BTreeSet::new();
    let mut folders = vec!["/".to_owned()];
    while let Some(folder) = folders.pop() {
        let tree = world.of(actor, &format!("tree?path={folder}&at={at}")).await;
        if tree.status.as_u16() == 404 && folder == "/" {
            return shown;
        }
        let tree = tree.ok();
        let own = |value: &Value| -> Vec<String> {
            value.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(tree["total"].as_u64().unwrap() as usize, names(&tree).len(), "{folder}");
        for entry in tree["entries"].as_array().unwrap() {
            let path = format!("{}/{}", folder.trim_end_matches('/'), entry["name"].as_str().unwrap());
            let uses = own(entry.get("uses").unwrap_or(&tree["uses"]));
            let is_bare = entry.get("bare").is_some();
            if is_bare {
                assert_eq!(
                    entry
                        .as_object()
                        .unwrap()
                        .keys()
                        .filter(|key| !["name", "kind", "bare", "uses"].contains(&key.as_str()))
                        .count(),
                    0,
                    "{entry}"
                );
            }
            if entry["kind"] == "dir" {
                folders.push(path.clone());
            }
            shown.insert((path, is_bare, uses));
        }
    }
    shown
}

fn expected(rules: &[Rule], snapshot: usize) -> BTreeSet<(String, bool, Vec<String>)> {
    let mut paths = BTreeSet::new();
    // The folders stay when their files go.
    for (name, there) in FILES {
        let full = format!("/{name}");
        if there[snapshot] {
            paths.insert((full.clone(), false));
        }
        let was_there = there[snapshot] || there[0];
        for (at, _) in full.match_indices('/').skip(1).filter(|_| was_there) {
            paths.insert((full[..at].to_owned(), true));
        }
    }
    let uses = |path: &str| {
        ALL.iter().filter(|one| may(rules, path, **one)).map(|one| one.name().to_owned()).collect::<Vec<_>>()
    };
    let shown = paths.into_iter().filter_map(|(path, is_folder)| {
        let seen = may(rules, &path, Use::See);
        (seen || is_folder && is_way(rules, &path)).then(|| (path.clone(), !seen, uses(&path)))
    });
    shown.collect()
}

#[tokio::test]
async fn nothing_outside_the_grants_appears_in_any_answer_or_count() {
    let world = world().await;
    let mut dice = Dice(7);
    for round in 0..ROUNDS {
        let actor = world.person(Role::User).await;
        let mut rules: Vec<Rule> = Vec::new();
        for _ in 0..=dice.below(4) {
            let effect = if dice.below(3) == 0 { Effect::Deny } else { Effect::Allow };
            let path = PATHS[dice.below(PATHS.len())];
            if rules.iter().any(|rule| rule.path == path && rule.effect == effect) {
                continue;
            }
            let uses: Vec<Use> =
                ALL.into_iter().filter(|one| *one == Use::See && dice.below(4) > 0 || dice.below(2) == 0).collect();
            if uses.is_empty() {
                continue;
            }
            world.grant(&actor, path, effect, &uses, Terms::default()).await;
            rules.push(Rule { path, effect, uses });
        }
        let said: Vec<String> =
            rules.iter().map(|rule| format!("{:?} {} {:?}", rule.effect, rule.path, rule.uses)).collect();
        for snapshot in [0, 1] {
            let shown = walked(&world, &actor, &world.snapshots[snapshot]).await;
            assert_eq!(shown, expected(&rules, snapshot), "round {round}, snapshot {snapshot}: {said:?}");
        }
        let counted = check_difference(&world, &actor, &rules, &said).await;
        check_timeline(&world, &actor, counted, &said).await;
        check_paths(&world, &actor, &rules, &said).await;
    }
}

/// The difference of the two snapshots, as the rules show it; how many files were added and removed.
async fn check_difference(world: &World, actor: &Actor, rules: &[Rule], said: &[String]) -> Option<(u64, u64)> {
    let answer = world.of(actor, &format!("diff?from={}&to={}", world.snapshots[0], world.snapshots[1])).await;
    if answer.status.as_u16() == 404 {
        assert!(!expected(rules, 0).iter().any(|(_, bare, _)| !bare), "{said:?}");
        return None;
    }
    let lines = answer.lines();
    let of = |there: [bool; 2]| {
        FILES
            .iter()
            .filter(move |(name, has)| *has == there && may(rules, &format!("/{name}"), Use::See))
            .map(|(name, _)| format!("/{name}"))
    };
    let told = |what: &str| {
        lines
            .iter()
            .filter(|line| line["change"] == what)
            .map(|line| line["path"].as_str().unwrap().to_owned())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(told("added"), of([false, true]).collect(), "{said:?}");
    assert_eq!(told("removed"), of([true, false]).collect(), "{said:?}");
    let end = &lines.last().unwrap()["end"];
    let counts = (of([false, true]).count() as u64, of([true, false]).count() as u64);
    assert_eq!((end["added"].as_u64().unwrap(), end["removed"].as_u64().unwrap()), counts, "{said:?}");
    Some(counts)
}

async fn check_timeline(world: &World, actor: &Actor, counted: Option<(u64, u64)>, said: &[String]) {
    let answer = world.of(actor, "timeline").await;
    let Some((added, removed)) = counted else { return };
    let changes = answer.ok()["items"][0]["changes"].clone();
    assert_eq!((&changes["added"], &changes["removed"]), (&json!(added), &json!(removed)), "{said:?}");
}

/// What is asked for by its path.
async fn check_paths(world: &World, actor: &Actor, rules: &[Rule], said: &[String]) {
    for (name, _) in FILES {
        let path = format!("/{name}");
        let (sees, looks) = (may(rules, &path, Use::See), may(rules, &path, Use::Preview));
        let versions = world.of(actor, &format!("versions?path={path}")).await.status.as_u16();
        assert_eq!(versions, if sees { 200 } else { 404 }, "{path} {said:?}");
        let hash = world.of(actor, &format!("hash?path={path}&at={}", world.snapshots[0])).await;
        let is_there = FILES.iter().any(|(other, there)| *other == name && there[0]);
        match hash.status.as_u16() {
            200 => assert!(looks && is_there, "{path} {said:?}"),
            403 => assert!(sees && !looks && is_there, "{path} {said:?}"),
            404 => assert!(!sees || !is_there, "{path} {said:?}"),
            other => panic!("{other}: {hash:?}"),
        }
    }
}

#[tokio::test]
async fn names_that_are_gone_are_hidden_like_those_that_are_not() {
    let world = world().await;
    let me = world.person_with(&["/a", "/f/8"]).await;
    world.grant(&me, "/a/b/2", Effect::Deny, &[Use::See], Terms::default()).await;
    let gone = async |path: &str| {
        let tree = world.of(&me, &format!("tree?path={path}&deleted=true")).await.ok();
        let ghosts = tree["entries"].as_array().unwrap().iter().filter(|entry| entry.get("deleted").is_some());
        ghosts.map(|entry| entry["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(gone("/a").await, ["5"]);
    assert_eq!(gone("/a/b").await, [""; 0]);
    assert_eq!(gone("/f").await, ["8"]);
}

#[tokio::test]
async fn an_owner_of_files_gets_what_is_theirs() {
    let world = world().await;
    let uid = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(world.path("9")).unwrap());
    let (mine, other) = (world.person(Role::User).await, world.person(Role::User).await);
    for (person, uid) in [(&mine, uid), (&other, uid + 1)] {
        let terms = Terms { owner: Some(Owner::Uid(uid)), ..Terms::default() };
        world.grant(person, "/a/b", Effect::Allow, &ALL, terms).await;
    }
    assert_eq!(names(&world.of(&mine, "tree?path=/a/b").await.ok()), ["c", "3"]);
    assert_eq!(names(&world.of(&mine, "tree").await.ok()), ["a"]);
    let tree = world.of(&other, "tree?path=/a/b").await.ok();
    assert_eq!((names(&tree), &tree["total"]), (vec![], &json!(0)));
    assert_eq!(world.of(&other, "tree?path=/a/b/c").await.problem(), (404, None));
}

#[tokio::test]
async fn whoever_may_restore_only_is_shown_nothing_and_told_no_content() {
    let world = three_days().await;
    let blind = world.person(Role::User).await;
    world.grant(&blind, "/docs", Effect::Allow, &[Use::Restore], Terms::default()).await;
    assert_eq!(world.of(&blind, "tree").await.problem(), (404, None));
    let operator = world.person(Role::Operator).await;
    let tree = world.of(&operator, "tree?path=/docs").await.ok();
    assert_eq!(tree["entries"][0].get("content"), None);
    assert_eq!(world.of(&operator, "text?path=/docs/report.txt").await.problem(), (403, None));
    assert_eq!(world.of(&operator, "hash?path=/docs/report.txt").await.problem(), (403, None));
}

#[tokio::test]
async fn another_organization_and_whoever_runs_the_installation_find_nothing() {
    let world = three_days().await;
    let root = Actor::new(world.admin.who().clone(), None, Role::Root);
    assert_eq!(world.get(&root, "/sources").await.ok()["items"], json!([]));
    assert_eq!(world.of(&root, "tree").await.problem(), (404, None));
    let elsewhere = world.store.uid(bygone_common::OrgUid::new);
    let stranger = Actor::new(world.admin.who().clone(), Some(elsewhere), Role::Admin);
    for what in [
        "tree",
        "timeline",
        "coverage",
        "versions?path=/docs",
        "changes?path=/docs",
        "diff?from=2026-10-01T12:00:00Z",
        "hash?path=/docs/report.txt",
        "text?path=/docs/report.txt",
        "image?path=/docs/report.txt",
    ] {
        assert_eq!(world.of(&stranger, what).await.problem(), (404, None), "{what}");
    }
}

#[tokio::test]
async fn reads_are_written_down_once_with_how_often() {
    let world = three_days().await;
    let me = world.person_with(&["/"]).await;
    for _ in 0..3 {
        world.of(&me, "tree?path=/docs").await.ok();
    }
    world.of(&me, "text?path=/docs/report.txt").await.ok();
    world.portal.reads.flush().await;
    let filter = bygone_store::audit::AuditFilter {
        resource: Some(bygone_store::Resource::Snapshot.to_string()),
        ..Default::default()
    };
    let log = world.store.audit().list(&world.admin, Some(world.org), &filter, &Page::default()).await.unwrap().items;
    let told: Vec<_> = log
        .iter()
        .map(|entry| {
            (entry.action.as_str(), entry.details["read"].as_str().unwrap(), entry.details["times"].as_u64().unwrap())
        })
        .collect();
    assert!(told.contains(&(Action::See.name(), "tree", 3)), "{told:?}");
    assert!(told.contains(&(Action::Export.name(), "text", 1)), "{told:?}");
    assert_eq!(log[0].who, me.who().to_string());
}
