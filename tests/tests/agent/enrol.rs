//! Becoming an agent, and ceasing to be one.

use bygone_agent::{Enrolled, ErrorKind, Folder, enrol};
use bygone_client::{AgentClient, ErrorKind as ClientErrorKind, Trust};
use bygone_common::protocol::{EnrolRequest, Facts, PROTOCOL_VERSION};
use bygone_common::{Clock, Secret};
use bygone_store::agents::AgentState;
use bygone_tests::restic::Restic;
use jiff::{SignedDuration, Timestamp};

use crate::stack::{Stack, eventually, quick, run, run_with, source};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_once_and_within_its_time() {
    let clock = Clock::manual(Timestamp::now());
    let stack = Stack::start_with(clock.clone()).await;
    let org = stack.org("acme").await;
    let token = stack.token(org, 60).await;
    let folder = Folder::create(&stack.agent_folder("one")).unwrap();
    let url = stack.agent_url();
    let enrolled = enrol::enrol(&folder, &url, &token, Timestamp::now()).await.unwrap();
    assert_eq!(enrolled.org, org);
    let twice = enrol::enrol(&folder, &url, &token, Timestamp::now()).await.unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::Usage, "it is one already: {twice}");
    let other = Folder::create(&stack.agent_folder("two")).unwrap();
    let used = enrol::enrol(&other, &url, &token, Timestamp::now()).await.unwrap_err().to_string();
    assert!(used.contains("has been used"), "{used}");
    let late = stack.token(org, 60).await;
    clock.advance(SignedDuration::from_secs(61));
    let expired = enrol::enrol(&other, &url, &late, Timestamp::now()).await.unwrap_err().to_string();
    assert!(expired.contains("has expired"), "{expired}");
    assert!(other.enrolled().is_err(), "nothing is kept of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_trusts_its_own_server_and_no_other() {
    let (stack, other) = (Stack::start().await, Stack::start().await);
    let org = stack.org("acme").await;
    let token = stack.token(org, 60).await;
    let folder = Folder::create(&stack.agent_folder("one")).unwrap();
    let refused = enrol::enrol(&folder, &other.agent_url(), &token, Timestamp::now()).await.unwrap_err().to_string();
    assert!(refused.contains("not the one that this agent enrolled at"), "{refused}");
    enrol::enrol(&folder, &stack.agent_url(), &token, Timestamp::now()).await.unwrap();
    let nonsense = Secret::new("bge1.x".to_owned());
    let folder = Folder::create(&stack.agent_folder("two")).unwrap();
    let refused = enrol::enrol(&folder, &stack.agent_url(), &nonsense, Timestamp::now()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Usage);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_certificate_nothing_but_enrolling_is_answered() {
    let stack = Stack::start().await;
    let trust = Trust::Authority(stack.app().ca.certificate_pem().to_owned());
    let stranger = AgentClient::enrolling(&stack.agent_url(), &trust).unwrap();
    let refused = stranger.claim(0).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ClientErrorKind::Denied, "certificate_refused"));
    let org = stack.org("acme").await;
    let request = EnrolRequest {
        version: PROTOCOL_VERSION,
        token: stack.token(org, 60).await,
        csr: "nonsense".to_owned(),
        facts: Facts { hostname: "h".to_owned(), ..Facts::default() },
    };
    let refused = stranger.enrol(&request).await.unwrap_err();
    assert_eq!(refused.problem().unwrap().field.as_deref(), Some("csr"));
    let newer = stranger.enrol(&EnrolRequest { version: 99, ..request.clone() }).await.unwrap_err();
    assert_eq!(newer.code(), "protocol_version");
    let unknown = Secret::new(format!("bge1.{}.{}", "00".repeat(32), "00".repeat(32)));
    let refused = stranger.enrol(&EnrolRequest { token: unknown, ..request }).await.unwrap_err();
    assert_eq!(refused.code(), "token_unknown", "and the token above is still good: nothing was signed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_agent_is_refused_at_once_also_in_the_middle_of_a_claim() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let (_folder, enrolled) = stack.enrol(org, "one").await;
    let client = enrolled.client().unwrap();
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.claim(30).await }
    });
    client.claim(0).await.unwrap();
    let begun = std::time::Instant::now();
    stack.app().store.agents().revoke(&stack.admin(org), org, enrolled.agent).await.unwrap();
    let refused = waiting.await.unwrap().unwrap_err();
    assert_eq!(refused.code(), "certificate_refused");
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(client.claim(0).await.unwrap_err().code(), "certificate_refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_revoked_ends_and_says_why() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let agent = run(&folder);
    let store = &stack.app().store;
    let (admin, uid) = (stack.admin(org), enrolled.agent);
    eventually("a heartbeat", async || store.agents().get(&admin, org, uid).await.unwrap().skew_ms.is_some()).await;
    store.agents().revoke(&admin, org, uid).await.unwrap();
    let ended = agent.task.await.unwrap().unwrap_err();
    assert_eq!(ended.kind(), ErrorKind::Revoked);
    assert!(bygone_agent::status::Status::read(&folder).unwrap().unwrap().revoked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_in_time_and_the_old_one_holds_until_it_ends() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    // As if twenty days had passed.
    let due = Enrolled { renew_at: Timestamp::now(), ..enrolled.clone() };
    folder.keep_enrolled(&due).unwrap();
    let agent = run(&folder);
    eventually("a new certificate", async || folder.enrolled().unwrap().identity != enrolled.identity).await;
    agent.end().await;
    let renewed = folder.enrolled().unwrap();
    assert!(renewed.renew_at > enrolled.renew_at);
    for known in [&renewed, &enrolled] {
        known.client().unwrap().claim(0).await.unwrap();
    }
    let pem = std::fs::read_to_string(folder.join("identity.pem")).unwrap();
    assert_eq!(&pem, renewed.identity.expose(), "the storage layer signs in by the new one too");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_is_gone_and_may_come_again() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    enrol::unenrol(&folder, false).await.unwrap();
    let gone = stack.app().store.agents().get(&stack.admin(org), org, enrolled.agent).await.unwrap();
    assert_eq!(gone.state, AgentState::Unenrolled);
    assert_eq!(folder.enrolled().unwrap_err().kind(), ErrorKind::NotEnrolled);
    assert!(enrolled.client().unwrap().claim(0).await.is_err());
    let token = stack.token(org, 60).await;
    let again = enrol::enrol(&folder, &stack.agent_url(), &token, Timestamp::now()).await.unwrap();
    assert_ne!(again.agent, enrolled.agent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_is_noted_on_both_sides() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let behind = Clock::manual(Timestamp::now().checked_sub(SignedDuration::from_hours(5)).unwrap());
    let agent = run_with(&folder, bygone_agent::Options { clock: behind, ..quick() });
    let (store, admin, uid) = (&stack.app().store, stack.admin(org), enrolled.agent);
    let hours = |ms: i64| (ms / 1_000 + 5 * 3_600).abs() < 60;
    eventually("a heartbeat", async || store.agents().get(&admin, org, uid).await.unwrap().skew_ms.is_some_and(hours))
        .await;
    agent.end().await;
    let status = bygone_agent::status::Status::read(&folder).unwrap().unwrap();
    assert!(status.clock_skew_ms.is_some_and(hours), "{status:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_restic_comes_with_an_agent_s_certificate_as_the_agent_does() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    stack.repository(org, "acme", "main").await;
    let other = stack.org("other").await;
    stack.repository(other, "other", "main").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let path = source(stack.folder.path(), 1_000);
    let asked = |repository: &str, words: &[&str]| {
        let (ca, identity) = (folder.join("ca.pem"), folder.join("identity.pem"));
        let restic = Restic::new(format!("rest:{}/restic/{repository}/", stack.agent_url())).arguments(&[
            "--cacert",
            ca.to_str().unwrap(),
            "--tls-client-cert",
            identity.to_str().unwrap(),
        ]);
        let output = tokio::task::block_in_place(|| restic.command(words).output().unwrap());
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for words in [&["backup", path.to_str().unwrap()][..], &["check", "--read-data"]] {
        let (done, said) = asked("acme/main", words);
        assert!(done, "{words:?}: {said}");
    }
    let (done, said) = asked("acme/main", &["forget", "latest"]);
    assert!(!done && said.contains("403"), "it adds only: {said}");
    let (done, said) = asked("other/main", &["snapshots"]);
    assert!(!done && said.contains("does not exist"), "another organization's is not there: {said}");
    stack.app().store.agents().revoke(&stack.admin(org), org, enrolled.agent).await.unwrap();
    let (done, said) = asked("acme/main", &["snapshots"]);
    assert!(!done && said.contains("401"), "revoked at once: {said}");
}
