//! Search finds what folders show, under every kind of grant: random rules with owners and days of history over snapshots
//! in which files and folders change hands, and every answer of the search against what walking down the tree shows.

use std::collections::{BTreeMap, BTreeSet};

use bygone_common::access::Owner;
use bygone_store::grants::{Effect, Terms, Use};
use bygone_store::{Actor, Role};
use serde_json::Value;

use super::rights::{Dice, walked};
use super::support::World;

/// What is there on each day, and whose it is; nothing: it is not there.
const THINGS: [(&str, [Option<u32>; 4]); 12] = [
    ("a/", [Some(1), Some(1), Some(2), Some(1)]),
    ("a/report", [Some(1), Some(1), Some(1), Some(1)]),
    ("a/b/", [Some(1), Some(2), Some(1), None]),
    ("a/b/letter", [Some(1), Some(1), Some(1), None]),
    ("a/b/draft", [Some(2), Some(2), Some(1), None]),
    ("a/c/", [Some(2), Some(2), Some(2), Some(2)]),
    ("a/c/letter", [Some(1), Some(2), None, Some(2)]),
    ("d/", [Some(2), Some(2), Some(1), Some(1)]),
    ("d/report", [Some(2), Some(1), Some(1), Some(2)]),
    ("d/late", [None, None, Some(1), Some(1)]),
    ("d/gone", [Some(1), None, None, None]),
    ("top", [Some(1), Some(1), Some(2), Some(1)]),
];
/// The last is of the moment that tests begin with.
const DAYS: [&str; 4] = ["2026-10-01", "2026-10-02", "2026-10-20", "2026-11-01"];
/// Days back to before, at, and after each snapshot.
const HISTORIES: [u32; 7] = [0, 11, 12, 13, 30, 31, 40];
const PATHS: [&str; 9] = ["/", "/a", "/a/b", "/a/b/letter", "/a/c", "/a/c/letter", "/d", "/d/report", "/top"];
const ROUNDS: u64 = 60;

async fn world() -> World {
    let mut world = World::empty().await;
    for (at, day) in DAYS.iter().enumerate() {
        let things: Vec<(&str, u32)> = THINGS.iter().filter_map(|(path, owners)| Some((*path, owners[at]?))).collect();
        world.take_owned(&format!("{day}T10:00:00Z"), &things).await;
    }
    world.portal.catch_up(world.org).await.unwrap();
    world
}

/// Gives and takes at random; what was given, in words.
async fn grant_some(world: &World, actor: &Actor, dice: &mut Dice) -> Vec<String> {
    let mut said = Vec::new();
    let mut used = BTreeSet::new();
    for _ in 0..=dice.below(4) {
        let effect = if dice.below(4) == 0 { Effect::Deny } else { Effect::Allow };
        let path = PATHS[dice.below(PATHS.len())];
        // Of a path there is one grant of each effect.
        if !used.insert((path, effect == Effect::Deny)) {
            continue;
        }
        let terms = match effect {
            Effect::Deny => Terms::default(),
            Effect::Allow => Terms {
                owner: [None, Some(Owner::Uid(1)), Some(Owner::Name("user2".into()))][dice.below(3)].clone(),
                history_days: [None, Some(HISTORIES[dice.below(HISTORIES.len())])][dice.below(2)],
                ..Terms::default()
            },
        };
        said.push(format!("{effect:?} {path} {:?} {:?}", terms.owner, terms.history_days));
        world.grant(actor, path, effect, &[Use::See], terms).await;
    }
    said
}

/// What a search finds, all of it.
async fn find(world: &World, actor: &Actor, query: &str) -> Value {
    let body = world.get(actor, &format!("/search?facets=true&all_versions=true&limit=500&q={query}")).await.ok();
    assert_eq!(body["partial"], false);
    body
}

fn paths(body: &Value) -> BTreeSet<String> {
    body["hits"].as_array().unwrap().iter().map(|hit| hit["path"].as_str().unwrap().to_owned()).collect()
}

fn count(values: &Value) -> u64 {
    values.as_array().unwrap().iter().map(|value| value["count"].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn search_finds_on_every_day_what_the_tree_of_that_day_shows() {
    let world = world().await;
    let mut dice = Dice(11);
    let mut shown_rounds = 0;
    for round in 0..ROUNDS {
        let actor = world.person(Role::User).await;
        let said = grant_some(&world, &actor, &mut dice).await;
        let mut days: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (day, snapshot) in DAYS.iter().zip(&world.snapshots) {
            let shown = walked(&world, &actor, snapshot).await;
            let shown: BTreeSet<String> =
                shown.into_iter().filter(|(_, is_bare, _)| !is_bare).map(|(path, _, _)| path).collect();
            let found = find(&world, &actor, &format!("seen:{day}")).await;
            assert_eq!(paths(&found), shown, "round {round}, {day}: {said:?}");
            assert_eq!(found["total"].as_u64(), Some(shown.len() as u64), "round {round}, {day}: {said:?}");
            assert_eq!(count(&found["facets"]["kinds"]), shown.len() as u64, "round {round}, {day}: {said:?}");
            shown.into_iter().for_each(|path| days.entry(path).or_default().push(day));
        }
        let all = find(&world, &actor, "").await;
        assert_eq!(paths(&all), days.keys().cloned().collect(), "round {round}: {said:?}");
        for hit in all["hits"].as_array().unwrap() {
            let days = &days[hit["path"].as_str().unwrap()];
            for end in ["first", "last"] {
                let taken = hit[end]["taken_at"].as_str().unwrap();
                assert!(days.contains(&&taken[..10]), "round {round}: {hit} of {days:?}: {said:?}");
            }
            assert_eq!(hit["current"] == true, hit["last"]["taken_at"].as_str().unwrap().starts_with(DAYS[3]));
        }
        shown_rounds += u64::from(!days.is_empty());
        check_names(&world, &actor, &days, &said).await;
    }
    assert!(shown_rounds > ROUNDS / 2, "the rules show something in {shown_rounds} of {ROUNDS} rounds");
}

/// Completions and suggestions are of what is shown on any day.
async fn check_names(world: &World, actor: &Actor, days: &BTreeMap<String, Vec<&str>>, said: &[String]) {
    for name in ["report", "letter", "draft", "late", "gone", "top"] {
        let is_shown = days.keys().any(|path| path.ends_with(&format!("/{name}")));
        let completed = world.get(actor, &format!("/search/names?prefix={}", &name[..3])).await.ok();
        let names: Vec<&str> =
            completed["names"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(names.contains(&name), is_shown, "{name}: {said:?}");
    }
    for (typo, meant) in [("reprot", "report"), ("lettre", "letter")] {
        let is_shown = days.keys().any(|path| path.ends_with(&format!("/{meant}")));
        let suggested = find(world, actor, typo).await["suggestions"].as_array().unwrap().clone();
        let meant = suggested.iter().any(|one| one["query"] == meant);
        assert_eq!((meant, suggested.is_empty()), (is_shown, !is_shown), "{typo}: {said:?}");
    }
}
