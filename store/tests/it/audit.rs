use bygone_store::audit::{AuditFilter, AuditOutcome, AuditVerdict};
use bygone_store::{Action, ErrorKind, Page, Resource, Role, Store};
use serde_json::json;

use super::support::{actor, on_both, org, root};

async fn filled(store: &Store) -> bygone_store::Actor {
    let one = org(store, "one").await;
    let admin = actor(store, one.uid, Role::Admin);
    for number in 0..5 {
        let details = json!({ "number": number, "a": "\u{1f600}" });
        store.audit().record(&admin, Action::Run, Resource::Plan, number, AuditOutcome::Failed, details).await.unwrap();
    }
    admin
}

#[test]
fn a_chain_verifies_and_says_its_last_hash() {
    on_both(|store| async move {
        let admin = filled(&store).await;
        let verdict = store.audit().verify(&admin, admin.org()).await.unwrap();
        assert!(matches!(verdict, AuditVerdict::Intact { entries: 5, .. }), "{verdict:?}");
        // What root did is in the installation's chain.
        let verdict = store.audit().verify(&root(&store), None).await.unwrap();
        assert!(matches!(verdict, AuditVerdict::Intact { entries: 1, .. }), "{verdict:?}");
    });
}

#[test]
fn a_change_a_gap_and_a_cut_end_show() {
    let tamperings = [
        ("update audit set who = 'somebody else' where seq = 3", 3),
        ("delete from audit where seq = 2 and who_kind = 'user'", 2),
        ("delete from audit where seq = 5 and who_kind = 'user'", 5),
        ("update audit set seq = seq + 10 where seq = 4", 4),
    ];
    for (statement, expected) in tamperings {
        on_both(|store| async move {
            let admin = filled(&store).await;
            let mut tx = store.begin().await.unwrap();
            tx.execute_for_tests(statement).await.unwrap();
            tx.commit().await.unwrap();
            let verdict = store.audit().verify(&admin, admin.org()).await.unwrap();
            assert!(matches!(verdict, AuditVerdict::Broken { seq, .. } if seq == expected), "{statement}: {verdict:?}");
        });
    }
}

#[test]
fn entries_are_found_by_what_they_say() {
    on_both(|store| async move {
        let admin = filled(&store).await;
        let filter = AuditFilter { resource_uid: Some("3".to_owned()), ..AuditFilter::default() };
        let found = store.audit().list(&admin, admin.org(), &filter, &Page::default()).await.unwrap();
        assert_eq!(found.items.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [4]);
        let none = AuditFilter { until: Some(store.now()), ..AuditFilter::default() };
        assert_eq!(store.audit().list(&admin, admin.org(), &none, &Page::default()).await.unwrap().items, []);
    });
}

#[test]
fn only_who_may_read_the_log_reads_it() {
    on_both(|store| async move {
        let admin = filled(&store).await;
        let org = admin.org().unwrap();
        for role in [Role::Operator, Role::User] {
            let refused = store.audit().verify(&actor(&store, org, role), Some(org)).await.unwrap_err();
            assert_eq!(*refused.kind(), ErrorKind::NotFound);
        }
        assert!(store.audit().verify(&actor(&store, org, Role::Auditor), Some(org)).await.is_ok());
        assert!(store.audit().verify(&admin, None).await.is_err(), "the installation's chain is root's");
    });
}

#[test]
fn many_who_record_at_once_make_one_chain() {
    on_both(|store| async move {
        let admin = filled(&store).await;
        let mut tasks = Vec::new();
        for number in 0..20 {
            let (store, admin) = (store.clone(), admin.clone());
            tasks.push(tokio::spawn(async move {
                let audit = store.audit();
                audit.record(&admin, Action::Run, Resource::Job, number, AuditOutcome::Done, json!({})).await
            }));
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let verdict = store.audit().verify(&admin, admin.org()).await.unwrap();
        assert!(matches!(verdict, AuditVerdict::Intact { entries: 25, .. }), "{verdict:?}");
    });
}
