use bygone_store::Actor;
use bygone_store::grants::{Effect, Terms, Use};
use serde_json::{Value, json};

use super::support::{World, three_days};

/// Paths of hits, once the index holds what the catalog says.
async fn found(world: &World, actor: &Actor, query: &str) -> (Vec<String>, Value) {
    world.portal.catch_up(world.org).await.unwrap();
    let body = world.get(actor, &format!("/search?facets=true&q={query}")).await.ok();
    assert_eq!(body["partial"], false, "{query}");
    let hits = body["hits"].as_array().unwrap().iter();
    let mut paths: Vec<String> = hits.map(|hit| hit["path"].as_str().unwrap().to_owned()).collect();
    paths.sort();
    (paths, body)
}

#[tokio::test]
async fn search_finds_what_may_be_seen_and_counts_nothing_else() {
    let mut world = three_days().await;
    let (all, docs) = (world.person_with(&["/"]).await, world.person_with(&["/docs"]).await);
    world.grant(&docs, "/docs/plan.md", Effect::Deny, &[Use::See], Terms::default()).await;
    assert_eq!(found(&world, &all, "old").await.0, ["/archive/older.txt", "/docs/old.txt"]);
    assert_eq!(found(&world, &all, "plan").await.0, ["/docs/plan.md"]);
    let (paths, body) = found(&world, &docs, "ext:txt").await;
    assert_eq!(paths, ["/docs/old.txt", "/docs/report.txt"]);
    assert_eq!(body["facets"]["extensions"][0]["count"], body["total"]);
    assert_eq!(found(&world, &docs, "plan").await.1["total"], 0);
    assert_eq!(found(&world, &docs, "bob").await.1["suggestions"], json!([]));
    let names = world.get(&docs, "/search/names?prefix=re").await.ok();
    assert_eq!(names["names"][0]["name"], "report.txt");
    assert_eq!(world.get(&docs, "/search/names?prefix=pl").await.ok()["names"], json!([]));
    world.write("docs/fresh.txt", "new");
    world.take("2026-10-04 10:00:00").await;
    assert_eq!(found(&world, &docs, "fresh").await.0, ["/docs/fresh.txt"]);
}

#[tokio::test]
async fn a_query_that_is_not_understood_says_where() {
    let world = three_days().await;
    let me = world.person_with(&["/"]).await;
    for (query, field) in
        [("q=size:big", "q"), ("q=x&zone=Nowhere", "zone"), ("q=x&limit=0", "limit"), ("sort=best", "q")]
    {
        assert_eq!(
            world.get(&me, &format!("/search?{query}")).await.problem(),
            (400, Some(field.to_owned())),
            "{query}"
        );
    }
}

#[tokio::test]
async fn what_went_lately_is_listed_as_far_as_it_may_be_seen() {
    let mut world = World::empty().await;
    for name in ["docs/a.txt", "docs/b.txt", "secret/c.txt", "docs/stays.txt"] {
        world.write(name, name);
    }
    world.take("2026-10-01 10:00:00").await;
    for (gone, day) in [("docs/a.txt", 2), ("secret/c.txt", 3), ("docs/b.txt", 4)] {
        std::fs::remove_file(world.path(gone)).unwrap();
        world.take(&format!("2026-10-0{day} 10:00:00")).await;
    }
    let (all, docs) = (world.person_with(&["/"]).await, world.person_with(&["/docs"]).await);
    world.portal.catch_up(world.org).await.unwrap();
    let listed = async |actor: &Actor, query: &str| {
        let body = world.get(actor, &format!("/deleted{query}")).await.ok();
        assert_eq!(body["partial"], false);
        let paths = body["items"].as_array().unwrap().iter().map(|item| item["path"].as_str().unwrap().to_owned());
        (paths.collect::<Vec<_>>(), body)
    };
    let (paths, body) = listed(&all, "").await;
    assert_eq!(paths, ["/docs/b.txt", "/secret/c.txt", "/docs/a.txt"], "what went last comes first");
    assert_eq!(body["items"][0]["deleted"], "2026-10-04T10:00:00Z");
    assert_eq!(listed(&docs, "").await.0, ["/docs/b.txt", "/docs/a.txt"]);
    assert_eq!(world.get(&all, "/deleted?after=x").await.problem().0, 400);
    let (first, body) = listed(&all, "?limit=2").await;
    let (rest, end) = listed(&all, &format!("?limit=2&after={}", body["next"].as_str().unwrap())).await;
    assert_eq!((first.len(), rest, &end["next"]), (2, vec!["/docs/a.txt".to_owned()], &Value::Null));
    for (query, field) in [("limit=501", "limit"), ("source=x", "source"), ("q=x", "q")] {
        assert_eq!(world.get(&all, &format!("/deleted?{query}")).await.problem().1, Some(field.to_owned()), "{query}");
    }
}
