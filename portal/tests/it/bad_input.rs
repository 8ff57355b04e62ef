use axum::http::Method;
use serde_json::json;

use super::support::three_days;

#[tokio::test]
async fn what_cannot_be_is_refused_by_the_name_of_its_field() {
    let world = three_days().await;
    let me = world.person_with(&["/"]).await;
    let long = format!("tree?path=/{}", "x".repeat(256));
    for (what, status, field) in [
        ("tree?path=/a/../b", 400, "path"),
        ("tree?path=/a%00b", 400, "path"),
        ("tree?path=/a%ffb", 400, "path"),
        (&long, 400, "path"),
        ("tree?path_base64=%2A", 400, "path_base64"),
        ("tree?path=/&path_base64=Lw", 400, "path_base64"),
        ("tree?at=yesterday", 422, "at"),
        ("tree?at=abcdef", 422, "at"),
        ("tree?sort=owner", 400, "sort"),
        ("tree?lang=x", 400, "lang"),
        ("tree?limit=0", 400, "limit"),
        ("tree?limit=501", 400, "limit"),
        ("tree?after=Li4", 400, "after"),
        ("tree?depth=2", 400, "depth"),
        ("diff?to=latest", 400, "from"),
        ("diff?from=latest&kinds=all", 400, "kinds"),
        ("timeline?points=0", 400, "points"),
        ("timeline?points=5&limit=5", 400, "points"),
        ("timeline?since=now", 400, "since"),
        ("text?path=/docs/report.txt&bytes=1", 400, "bytes"),
        ("image?path=/docs/report.txt&pixels=1", 400, "pixels"),
    ] {
        assert_eq!(world.of(&me, what).await.problem(), (status, Some(field.to_owned())), "{what}");
    }
    for name in ["CON", "nul.txt", "a:b", "docs%5Creport.txt"] {
        assert_eq!(world.of(&me, &format!("tree?path=/{name}")).await.problem(), (404, None), "{name}");
    }
    let long = json!({ "source": world.source, "shown": "x".repeat(2001) });
    assert_eq!(world.ask(&me, Method::POST, "/places", long).await.problem(), (422, Some("shown".to_owned())));
    assert_eq!(world.get(&me, "/sources/not-a-uid/tree").await.problem(), (404, None));
}
