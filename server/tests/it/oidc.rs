//! Signing in at a real, certified provider.

use bygone_tests::oidc::OidcProvider;
use bygone_tests::process::WAIT_MAX;
use jiff::SignedDuration;
use reqwest::{Method, StatusCode, Url};
use serde_json::{Value, json};

use super::browser::{Browser, PASSWORD, person};
use super::support::{Answer, Client, Stack};

/// A server with an organization whose people come from a provider.
struct Joined {
    stack: Stack,
    idp: OidcProvider,
    org: String,
    /// The provider's path in the API, and where signing in there begins.
    path: String,
    door: String,
}

impl Joined {
    async fn new(stack: Stack) -> Self {
        let idp = tokio::task::spawn_blocking(OidcProvider::start).await.unwrap();
        let org = stack.root().make_org("acme").await;
        let made = stack.root().post("/api/v1/providers", settings(&idp, &org, "not yet", None)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let uid = made.json()["uid"].as_str().unwrap().to_owned();
        let (path, door) = (format!("/api/v1/providers/{uid}"), format!("/api/v1/sign-in/oidc/{uid}"));
        // The provider asks what only who has the uid can answer: it is told now, and we who we are to it.
        let url = stack.url();
        let client = json!({
            "redirect_uris": [format!("{url}{}", made.json()["redirect_path"].as_str().unwrap())],
            "backchannel_logout_uri": format!("{url}{}", made.json()["back_channel_logout_path"].as_str().unwrap()),
            "backchannel_logout_session_required": true,
            "post_logout_redirect_uris": [format!("{url}/")],
            "grant_types": ["authorization_code", "refresh_token"],
        });
        let registered =
            reqwest::Client::new().post(format!("{}/reg", idp.issuer())).json(&client).send().await.unwrap();
        assert_eq!(registered.status(), StatusCode::CREATED);
        let registered: Value = registered.json().await.unwrap();
        let id = registered["client_id"].as_str().unwrap();
        let body = settings(&idp, &org, id, registered["client_secret"].as_str());
        let changed = stack.root().ask(Method::PUT, &path, &[("if-match", "\"1\"")], body).await;
        assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
        assert!(!changed.text.contains(registered["client_secret"].as_str().unwrap()), "the secret is never shown");
        Self { stack, idp, org, path, door }
    }

    async fn start() -> Self {
        Self::new(Stack::start().await).await
    }

    /// Changes a person at the provider.
    async fn tell(&self, name: &str, what: Value) {
        let url = format!("{}/people/{name}", self.idp.issuer());
        assert!(reqwest::Client::new().post(url).json(&what).send().await.unwrap().status().is_success());
    }

    /// Goes to the provider, fills in its form if it shows one, and comes back.
    async fn sign_in(&self, browser: &mut Browser, name: &str) -> (String, Answer) {
        self.go(browser, &format!("{}?return_to=/plans", self.door), name).await
    }

    async fn go(&self, browser: &mut Browser, door: &str, name: &str) -> (String, Answer) {
        let (page, answer) = browser.visit(door).await;
        let Some(action) = answer.text.split("action=\"").nth(1).and_then(|rest| rest.split('"').next()) else {
            return (page, answer);
        };
        let password = format!("{name}-pw");
        browser.submit(&page, action, &[("login", name), ("password", &password)]).await
    }
}

fn settings(idp: &OidcProvider, org: &str, client: &str, secret: Option<&str>) -> Value {
    json!({
        "name": "corp",
        "title": "Corporation",
        "issuer": idp.issuer(),
        "client_id": client,
        "client_secret": secret,
        "rules": [
            { "group": "backup-admins", "org": org, "role": "admin" },
            { "group": "staff", "org": org, "role": "user" },
        ],
    })
}

#[tokio::test]
async fn people_of_a_provider_come_in_by_their_groups() {
    let joined = Joined::start().await;
    let open = joined.stack.anonymous().get("/api/v1/sign-in/providers").await.json();
    assert_eq!(open[0]["title"], "Corporation");
    for (name, role) in [("alice", "admin"), ("bob", "user")] {
        let mut browser = Browser::at(&joined.stack);
        let (page, _) = joined.sign_in(&mut browser, name).await;
        assert_eq!(page, format!("{}/plans", joined.stack.url()));
        let me = browser.get("/api/v1/me").await.json();
        assert_eq!((me["user"]["role"].as_str(), me["user"]["org"].as_str()), (Some(role), Some(joined.org.as_str())));
        assert_eq!(me["user"]["email"], format!("{name}@example.test"));
        assert_eq!(me["user"]["has_password"], false);
    }
    let mut browser = Browser::at(&joined.stack);
    let (_, refused) = joined.sign_in(&mut browser, "mallory").await;
    assert_eq!(refused.problem(), "forbidden", "no group, no way in");
    let users = joined.stack.root().get(&format!("/api/v1/orgs/{}/users", joined.org)).await.json();
    assert_eq!(users["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn groups_that_change_change_the_role_at_the_next_sign_in() {
    let joined = Joined::start().await;
    joined.sign_in(&mut Browser::at(&joined.stack), "alice").await;
    joined.tell("alice", json!({ "groups": ["staff"] })).await;
    let mut browser = Browser::at(&joined.stack);
    joined.sign_in(&mut browser, "alice").await;
    assert_eq!(browser.get("/api/v1/me").await.json()["user"]["role"], "user");
}

#[tokio::test]
async fn an_answer_that_this_browser_did_not_ask_for_is_refused() {
    let joined = Joined::start().await;
    let (mut victim, mut attacker) = (Browser::at(&joined.stack), Browser::at(&joined.stack));
    let (page, form) = attacker.visit(&joined.door).await;
    let action = form.text.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // The attacker stops short of coming back, and has the victim open the answer.
    let mut stolen = attacker.clone();
    stolen.cookies.retain(|(_, name), _| name != "bygone-flight");
    let (url, answer) = stolen.submit(&page, &action, &[("login", "alice"), ("password", "alice-pw")]).await;
    assert!(url.contains("/callback?"), "{url}");
    assert_eq!(answer.problem(), "malformed");
    let (_, forged) = victim.visit(&url).await;
    assert_eq!(forged.problem(), "malformed");
    assert!(victim.cookie("bygone").is_none());
    // With another state it is no better, though the browser did leave.
    victim.visit(&joined.door).await;
    let mut other = Url::parse(&url).unwrap();
    let code = other.query_pairs().find(|(key, _)| key == "code").unwrap().1.into_owned();
    other.set_query(Some(&format!("code={code}&state=made-up")));
    assert_eq!(victim.visit(other.as_str()).await.1.problem(), "malformed");
}

/// Leaves for the provider with something else in a parameter of the request, signs in there and comes back: what our
/// callback answers.
async fn leave_with(joined: &Joined, browser: &mut Browser, name: &str, value: &str) -> Answer {
    let left = browser.get(&joined.door).await;
    assert!(left.status.is_redirection(), "{left:?}");
    let mut to = Url::parse(left.headers["location"].to_str().unwrap()).unwrap();
    let pairs: Vec<(String, String)> = to.query_pairs().into_owned().collect();
    assert!(pairs.iter().any(|(key, _)| key == name), "{to}");
    to.query_pairs_mut()
        .clear()
        .extend_pairs(pairs.iter().map(|(key, kept)| (key.as_str(), if key == name { value } else { kept.as_str() })));
    let (url, answer) = joined.go(browser, to.as_str(), "alice").await;
    assert!(url.contains("/callback?"), "{url}");
    answer
}

#[tokio::test]
async fn a_token_or_a_code_for_another_sign_in_is_refused() {
    let joined = Joined::start().await;
    let mut browser = Browser::at(&joined.stack);
    // The provider signs whatever nonce it was asked with: the browser did not leave with this one.
    let forged = leave_with(&joined, &mut browser, "nonce", "of-somebody-else").await;
    assert_eq!(forged.problem(), "unauthenticated");
    assert!(forged.text.contains("nonce"), "{forged:?}");
    // A code that was asked for with another verifier's challenge is refused by the provider itself.
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let stolen = leave_with(&joined, &mut browser, "code_challenge", challenge).await;
    assert_eq!(stolen.problem(), "unauthenticated");
    assert!(stolen.text.contains("refuses the code"), "{stolen:?}");
    assert!(browser.cookie("bygone").is_none());
    // As it is meant to, the same browser comes in.
    let (page, form) = joined.go(&mut browser, &joined.door, "alice").await;
    assert_eq!(page, format!("{}/", joined.stack.url()), "{form:?}");
    assert_eq!(browser.get("/api/v1/me").await.json()["user"]["email"], "alice@example.test");
}

#[tokio::test]
async fn a_session_dies_when_its_provider_refuses_to_refresh_it() {
    let joined = Joined::new(Stack::start().await).await;
    let mut browser = Browser::at(&joined.stack);
    joined.sign_in(&mut browser, "bob").await;
    let me = browser.get("/api/v1/me").await.json();
    let store = &joined.stack.server.as_ref().unwrap().app().store;
    due(&joined.stack, &me).await;
    joined.tell("bob", json!({ "groups": ["backup-admins"] })).await;
    let refreshed = browser.get("/api/v1/me").await;
    assert_eq!(
        refreshed.json()["user"]["role"],
        "admin",
        "what a refresh says of groups counts at once: {refreshed:?}"
    );
    due(&joined.stack, &me).await;
    joined.tell("bob", json!({ "gone": true })).await;
    assert_eq!(browser.get("/api/v1/me").await.problem(), "unauthenticated");
    assert_eq!(browser.get("/api/v1/me").await.problem(), "unauthenticated");
    store.ping().await.unwrap();
}

/// Makes the refresh of a person's sessions due now, as five minutes would.
async fn due(stack: &Stack, me: &Value) {
    let store = &stack.server.as_ref().unwrap().app().store;
    let server = bygone_store::Actor::installation("test");
    let org = Some(me["user"]["org"].as_str().unwrap().parse().unwrap());
    let uid = me["user"]["uid"].as_str().unwrap().parse().unwrap();
    let user = store.users().get(&server, org, uid).await.unwrap();
    let sessions = store.sessions().list(&server, &user, &bygone_store::Page::default()).await.unwrap();
    for session in sessions.items {
        let at = session.refresh_at.unwrap();
        let past = store.now() - SignedDuration::from_secs(1);
        assert!(store.sessions().claim_refresh(&server, session.uid, at, past).await.unwrap());
    }
}

#[tokio::test]
async fn who_signs_out_at_the_provider_is_signed_out_here() {
    let joined = Joined::start().await;
    let mut browser = Browser::at(&joined.stack);
    joined.sign_in(&mut browser, "alice").await;
    let mut elsewhere = Browser::at(&joined.stack);
    joined.sign_in(&mut elsewhere, "alice").await;
    let kept = browser.clone();

    let out = browser.post("/api/v1/sign-out", Value::Null).await.json();
    let (page, asked) = browser.visit(out["provider_url"].as_str().unwrap()).await;
    assert_eq!(kept.clone().get("/api/v1/me").await.problem(), "unauthenticated");
    let field = |name: &str| {
        let rest = asked.text.split(&format!("name=\"{name}\"")).nth(1).unwrap_or_else(|| panic!("{asked:?}"));
        rest.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let secret = field("xsrf");
    let (back, _) = browser.submit(&page, "/session/end/confirm", &[("xsrf", &secret), ("logout", "yes")]).await;
    assert_eq!(back, format!("{}/", joined.stack.url()), "and comes back");

    // The other browser has a session of its own at the provider, which stands.
    assert_eq!(elsewhere.get("/api/v1/me").await.status, StatusCode::OK);
    let out = end_at_provider(&joined, &mut elsewhere).await;
    assert!(out, "the provider told us");
}

/// Signs out at the provider only: its message ends our session.
async fn end_at_provider(joined: &Joined, browser: &mut Browser) -> bool {
    let (page, asked) = browser.visit(&format!("{}/session/end", joined.idp.issuer())).await;
    let rest = asked.text.split("name=\"xsrf\"").nth(1).unwrap();
    let secret = rest.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    browser.submit(&page, "/session/end/confirm", &[("xsrf", &secret), ("logout", "yes")]).await;
    let start = std::time::Instant::now();
    while browser.get("/api/v1/me").await.status == StatusCode::OK {
        assert!(start.elapsed() < WAIT_MAX, "waited for the provider's message");
        tokio::task::yield_now().await;
    }
    true
}

#[tokio::test]
async fn messages_that_the_provider_did_not_sign_end_nothing() {
    let joined = Joined::start().await;
    let mut browser = Browser::at(&joined.stack);
    joined.sign_in(&mut browser, "alice").await;
    let path = format!("{}/back-channel-logout", joined.door);
    let none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.";
    let shared = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.AAAA";
    let forged = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.AAAA";
    for token in ["", "x", "a.b.c", none, shared, forged] {
        assert_eq!(
            form(&joined.stack.anonymous(), &path, &format!("logout_token={token}")).await.problem(),
            "malformed"
        );
    }
    assert_eq!(form(&joined.stack.anonymous(), &path, "x=y").await.problem(), "malformed");
    assert_eq!(browser.get("/api/v1/me").await.status, StatusCode::OK);
}

async fn form(client: &Client, path: &str, body: &str) -> Answer {
    client.send_form(path, body).await
}

#[tokio::test]
async fn deleting_sends_people_of_a_provider_there_again() {
    let joined = Joined::start().await;
    let victim = person(&joined.stack, Some(&joined.org), "victim@example.test", "user").await;
    let mut browser = Browser::at(&joined.stack);
    joined.sign_in(&mut browser, "alice").await;
    assert_eq!(browser.delete(&victim).await.problem(), "step_up_required");
    let here = browser.post("/api/v1/step-up", json!({ "password": PASSWORD })).await;
    assert_eq!(here.problem(), "conflict", "there is no password here");
    let door = format!("{}?step_up=true&return_to=/users", joined.door);
    // The provider shows its form although there is a session with it.
    let (page, answer) = joined.go(&mut browser, &door, "alice").await;
    assert_eq!(page, format!("{}/users", joined.stack.url()), "{answer:?}");
    assert_eq!(browser.delete(&victim).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn an_address_that_is_known_is_tied_only_where_the_provider_is_believed() {
    let joined = Joined::start().await;
    person(&joined.stack, Some(&joined.org), "alice@example.test", "operator").await;
    let mut browser = Browser::at(&joined.stack);
    assert_eq!(joined.sign_in(&mut browser, "alice").await.1.problem(), "conflict");
    let seen = joined.stack.root().get(&joined.path).await.json();
    let mut body = settings(&joined.idp, &joined.org, seen["client_id"].as_str().unwrap(), None);
    body["links_email"] = json!(true);
    let changed = joined.stack.root().ask(Method::PUT, &joined.path, &[("if-match", "\"2\"")], body).await;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    joined.sign_in(&mut browser, "alice").await;
    let me = browser.get("/api/v1/me").await.json();
    assert_eq!(me["user"]["role"], "operator", "who was made here keeps the role they were given here: {me}");
    // A provider that is switched off lets nobody in, and its sessions end when they are due.
    let removed = joined.stack.root().delete(&joined.path).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(browser.get("/api/v1/me").await.problem(), "unauthenticated");
    assert_eq!(browser.visit(&joined.door).await.1.problem(), "not_found");
}

#[tokio::test]
async fn an_issuer_must_be_one_and_an_organization_s_one_of_https() {
    let joined = Joined::start().await;
    let admin = joined.stack.person(&joined.org, bygone_store::Role::Admin).await;
    let mut body = settings(&joined.idp, &joined.org, "x", None);
    body["name"] = json!("other");
    let refused = admin.post(&format!("/api/v1/orgs/{}/providers", joined.org), body.clone()).await;
    assert_eq!(refused.json()["field"], "issuer", "plain HTTP on loopback is the installation's: {refused:?}");
    for issuer in ["https://127.0.0.1:1", "https://localhost:1", "https://[::ffff:169.254.169.254]:1"] {
        body["issuer"] = json!(issuer);
        let refused = admin.post(&format!("/api/v1/orgs/{}/providers", joined.org), body.clone()).await;
        assert_eq!(refused.json()["field"], "issuer", "{refused:?}");
        assert!(refused.text.contains("may not be connected to"), "judged as storages are: {refused:?}");
    }
    body["issuer"] = json!(joined.stack.url());
    let refused = joined.stack.root().post("/api/v1/providers", body).await;
    assert_eq!(refused.json()["field"], "issuer", "{refused:?}");
}
