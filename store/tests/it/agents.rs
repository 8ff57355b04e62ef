use bygone_common::protocol::Facts;
use bygone_common::{AgentUid, OrgUid};
use bygone_store::agents::{Agent, AgentState, Enrolment, NewAgent, Seen, TokenFault};
use bygone_store::audit::AuditFilter;
use bygone_store::certificates::{Authority, NewCertificate};
use bygone_store::enrolment_tokens::{EnrolmentToken, NewEnrolmentToken};
use bygone_store::orgs::{OrgChange, Quota};
use bygone_store::{Actor, ErrorKind, Page, Role, Store};
use jiff::{SignedDuration, ToSpan};

use super::support::{actor, on_both, org, root};

fn facts(hostname: &str) -> Facts {
    Facts { hostname: hostname.to_owned(), os: "linux".to_owned(), ..Facts::default() }
}

pub(crate) async fn token(store: &Store, org: OrgUid, hash: &str) -> EnrolmentToken {
    let operator = actor(store, org, Role::Operator);
    let expires_at = store.now().checked_add(1.hour()).unwrap();
    let new = NewEnrolmentToken { hash: hash.to_owned(), note: "for the shop".to_owned(), expires_at };
    store.enrolment_tokens().create(&operator, org, &new).await.unwrap()
}

pub(crate) async fn enrol(store: &Store, hash: &str, hostname: &str) -> Result<Agent, TokenFault> {
    let server = Actor::installation("agents");
    let facts = facts(hostname);
    let new = NewAgent { token_hash: hash, facts: &facts };
    let (now, end) = (store.now(), store.now().checked_add(720.hours()).unwrap());
    let issue = |_, agent: AgentUid| {
        let fingerprint = format!("of {agent}");
        Ok((NewCertificate { fingerprint, serial: "01".to_owned(), not_before: now, expires_at: end }, ()))
    };
    match store.agents().enrol(&server, &new, issue).await.unwrap() {
        Enrolment::Done(agent, ()) => Ok(*agent),
        Enrolment::Refused(fault) => Err(fault),
    }
}

#[test]
fn a_token_makes_one_agent_and_no_other() {
    on_both(|store| async move {
        let one = org(&store, "one").await;
        let made = token(&store, one.uid, "aa").await;
        let agent = enrol(&store, "aa", "web").await.unwrap();
        assert_eq!((agent.org, agent.name.as_str(), agent.state), (one.uid, "web", AgentState::Active));
        assert_eq!(enrol(&store, "aa", "web").await.unwrap_err(), TokenFault::Used);
        assert_eq!(enrol(&store, "bb", "web").await.unwrap_err(), TokenFault::Unknown);
        let auditor = actor(&store, one.uid, Role::Auditor);
        let used = store.enrolment_tokens().get(&auditor, one.uid, made.uid).await.unwrap();
        assert_eq!((used.used_by, used.used_at), (Some(agent.uid), Some(store.now())));
        assert_eq!(store.agents().get(&auditor, one.uid, agent.uid).await.unwrap(), agent);
        let refused = AuditFilter { outcome: Some("refused".to_owned()), ..AuditFilter::default() };
        let entries = store.audit().list(&auditor, Some(one.uid), &refused, &Page::default()).await.unwrap().items;
        assert_eq!(entries.len(), 1, "that somebody used it again is on record");
    });
}

#[test]
fn an_expired_or_withdrawn_token_says_so() {
    on_both(|store| async move {
        let one = org(&store, "one").await;
        token(&store, one.uid, "late").await;
        let withdrawn = token(&store, one.uid, "withdrawn").await;
        let operator = actor(&store, one.uid, Role::Operator);
        store.enrolment_tokens().revoke(&operator, one.uid, withdrawn.uid).await.unwrap();
        assert_eq!(enrol(&store, "withdrawn", "web").await.unwrap_err(), TokenFault::Revoked);
        store.clock().advance(SignedDuration::from_hours(1));
        assert_eq!(enrol(&store, "late", "web").await.unwrap_err(), TokenFault::Expired);
    });
}

#[test]
fn agents_of_one_name_are_told_apart() {
    on_both(|store| async move {
        let one = org(&store, "one").await;
        let mut names = Vec::new();
        for hash in ["a", "b", "c"] {
            token(&store, one.uid, hash).await;
            names.push(enrol(&store, hash, "web").await.unwrap().name);
        }
        assert_eq!(names, ["web", "web-2", "web-3"]);
    });
}

#[test]
fn a_quota_of_agents_keeps_the_token_good() {
    on_both(|store| async move {
        let one = org(&store, "one").await;
        let quota =
            OrgChange { quota: Some(Quota { agents_max: Some(1), ..Quota::default() }), ..OrgChange::default() };
        store.orgs().change(&root(&store), one.uid, 1, &quota).await.unwrap();
        token(&store, one.uid, "a").await;
        let second = token(&store, one.uid, "b").await;
        let agent = enrol(&store, "a", "web").await.unwrap();
        let (server, facts) = (Actor::installation("agents"), facts("db"));
        let new = NewAgent { token_hash: "b", facts: &facts };
        let issue = |_, _| -> bygone_store::Result<(NewCertificate, ())> { panic!("nothing is issued") };
        let refused = store.agents().enrol(&server, &new, issue).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Exhausted);
        let admin = actor(&store, one.uid, Role::Admin);
        assert_eq!(store.enrolment_tokens().get(&admin, one.uid, second.uid).await.unwrap().used_at, None);
        store.agents().revoke(&admin, one.uid, agent.uid).await.unwrap();
        assert_eq!(enrol(&store, "b", "db").await.unwrap().name, "db");
    });
}

#[test]
fn a_revoked_agent_is_known_by_no_certificate() {
    on_both(|store| async move {
        let one = org(&store, "one").await;
        token(&store, one.uid, "a").await;
        let agent = enrol(&store, "a", "web").await.unwrap();
        let server = Actor::installation("agents");
        let fingerprint = format!("of {}", agent.uid);
        let (holder, certificate) = store.certificates().holder(&server, &fingerprint).await.unwrap();
        assert_eq!((holder.uid, certificate.agent), (agent.uid, agent.uid));
        let operator = actor(&store, one.uid, Role::Operator);
        let refused = store.agents().revoke(&operator, one.uid, agent.uid).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Forbidden);
        let admin = actor(&store, one.uid, Role::Admin);
        let revoked = store.agents().revoke(&admin, one.uid, agent.uid).await.unwrap();
        assert_eq!((revoked.state, revoked.ended_at), (AgentState::Revoked, Some(store.now())));
        store.agents().revoke(&admin, one.uid, agent.uid).await.unwrap();
        let refused = store.certificates().holder(&server, &fingerprint).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Forbidden);
        let more = NewCertificate {
            fingerprint: "more".to_owned(),
            serial: "02".to_owned(),
            not_before: store.now(),
            expires_at: store.now().checked_add(1.hour()).unwrap(),
        };
        let refused = store.certificates().add(&server, &agent, &more).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::NotFound);
    });
}

#[test]
fn a_certificate_that_has_ended_is_refused() {
    on_both(|store| async move {
        let one = org(&store, "one").await;
        token(&store, one.uid, "a").await;
        let agent = enrol(&store, "a", "web").await.unwrap();
        store.clock().advance(SignedDuration::from_hours(720));
        let server = Actor::installation("agents");
        let refused = store.certificates().holder(&server, &format!("of {}", agent.uid)).await.unwrap_err();
        assert_eq!(refused.context(), "this certificate has ended");
    });
}

#[test]
fn another_organization_sees_no_agent_and_no_token() {
    on_both(|store| async move {
        let (one, two) = (org(&store, "one").await, org(&store, "two").await);
        let made = token(&store, one.uid, "a").await;
        let agent = enrol(&store, "a", "web").await.unwrap();
        let other = actor(&store, two.uid, Role::Admin);
        for org in [one.uid, two.uid] {
            let missing = store.agents().get(&other, org, agent.uid).await.unwrap_err();
            assert_eq!(*missing.kind(), ErrorKind::NotFound);
            let missing = store.agents().revoke(&other, org, agent.uid).await.unwrap_err();
            assert_eq!(*missing.kind(), ErrorKind::NotFound);
            let missing = store.enrolment_tokens().revoke(&other, org, made.uid).await.unwrap_err();
            assert_eq!(*missing.kind(), ErrorKind::NotFound);
        }
        assert!(store.agents().list(&other, two.uid, None, &Page::default()).await.unwrap().items.is_empty());
        let user = actor(&store, one.uid, Role::User);
        assert_eq!(*store.agents().get(&user, one.uid, agent.uid).await.unwrap_err().kind(), ErrorKind::NotFound);
    });
}

#[test]
fn a_heartbeat_is_noted_and_a_new_name_kept() {
    on_both(|store| async move {
        let one = org(&store, "one").await;
        token(&store, one.uid, "a").await;
        let agent = enrol(&store, "a", "web").await.unwrap();
        let admin = actor(&store, one.uid, Role::Admin);
        let renamed = store.agents().rename(&admin, one.uid, agent.uid, 1, "the shop").await.unwrap();
        let late = store.agents().rename(&admin, one.uid, agent.uid, 1, "x").await.unwrap_err();
        assert_eq!(*late.kind(), ErrorKind::Conflict);
        store.clock().advance(SignedDuration::from_secs(30));
        let facts = Facts { agent_version: "9".to_owned(), ..facts("web") };
        let itself = Actor::system("agents", one.uid);
        store.agents().seen(&itself, one.uid, agent.uid, &Seen { facts: &facts, skew_ms: -1500 }).await.unwrap();
        let seen = store.agents().get(&admin, one.uid, agent.uid).await.unwrap();
        assert_eq!((seen.name.as_str(), seen.version), ("the shop", renamed.version));
        assert_eq!((seen.last_seen_at, seen.skew_ms), (Some(store.now()), Some(-1500)));
        assert_eq!(seen.facts.agent_version, "9");
    });
}

#[test]
fn the_first_authority_that_was_kept_counts() {
    on_both(|store| async move {
        let server = Actor::installation("agents");
        assert!(store.certificates().authority(&server, "agents").await.unwrap().is_none());
        let of = |pem: &str| Authority { certificate_pem: pem.to_owned(), sealed_key: vec![0, 255, 1] };
        let first = store.certificates().keep_authority(&server, "agents", &of("first")).await.unwrap();
        let second = store.certificates().keep_authority(&server, "agents", &of("second")).await.unwrap();
        assert_eq!((first.certificate_pem, second.certificate_pem.as_str()), ("first".to_owned(), "first"));
        assert_eq!(second.sealed_key, [0, 255, 1]);
    });
}
