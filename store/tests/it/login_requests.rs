use bygone_store::api_tokens::NewApiToken;
use bygone_store::login_requests::{NewLoginRequest, Redeemed};
use bygone_store::scopes::Scopes;
use bygone_store::{Actor, ErrorKind, Role, Store};
use jiff::SignedDuration;

use super::support::{actor, on_both, org};
use super::users::{as_user, person, server};

const MINUTES: SignedDuration = SignedDuration::from_mins(10);

async fn ask(store: &Store, name: &str) {
    let new = NewLoginRequest {
        secret_hash: format!("secret of {name}"),
        code_hash: format!("code of {name}"),
        name: name.to_owned(),
        expires_at: store.now() + MINUTES,
    };
    store.login_requests().create(&server(), &new).await.unwrap();
}

async fn redeem(store: &Store, name: &str) -> Result<Redeemed, ErrorKind> {
    let new = NewApiToken {
        name: String::new(),
        prefix: "bygone_x".to_owned(),
        hash: format!("token of {name}"),
        scopes: Scopes::parse(&["snapshots:read".to_owned()]).unwrap(),
        expires_at: store.now() + 24 * MINUTES,
    };
    let redeemed = store.login_requests().redeem(&server(), &format!("secret of {name}"), &new).await;
    redeemed.map_err(|error| error.kind().clone())
}

#[test]
fn a_request_is_confirmed_once_and_redeemed_once() {
    on_both(|store| async move {
        let acme = org(&store, "acme").await.uid;
        let alice = person(&store, Some(acme), "alice@example.test", Role::User).await;
        ask(&store, "laptop").await;
        assert_eq!(redeem(&store, "laptop").await, Ok(Redeemed::Waiting));
        assert_eq!(store.login_requests().of_code(&server(), "code of laptop").await.unwrap().name, "laptop");
        store.login_requests().confirm(&as_user(&alice), "code of laptop").await.unwrap();
        let again = store.login_requests().confirm(&as_user(&alice), "code of laptop").await.unwrap_err();
        assert_eq!(*again.kind(), ErrorKind::NotFound);
        // Two that come at once: one gets it.
        let (one, two) = tokio::join!(redeem(&store, "laptop"), redeem(&store, "laptop"));
        let tokens = [&one, &two].into_iter().filter(|redeemed| matches!(redeemed, Ok(Redeemed::Token(_)))).count();
        assert_eq!(tokens, 1, "{one:?} {two:?}");
        assert!(store.api_tokens().by_hash(&server(), "token of laptop").await.unwrap().is_some());
        assert_eq!(redeem(&store, "laptop").await, Err(ErrorKind::NotFound));
        ask(&store, "phone").await;
        store.login_requests().refuse(&as_user(&alice), "code of phone").await.unwrap();
        assert_eq!(redeem(&store, "phone").await, Err(ErrorKind::NotFound));
    });
}

#[test]
fn a_request_ends_and_makes_room() {
    on_both(|store| async move {
        let acme = org(&store, "acme").await.uid;
        ask(&store, "laptop").await;
        store.clock().advance(MINUTES);
        assert_eq!(redeem(&store, "laptop").await, Err(ErrorKind::NotFound));
        assert!(store.login_requests().of_code(&server(), "code of laptop").await.is_err());
        // The same hashes again: the old row is gone.
        ask(&store, "laptop").await;
        let admin = actor(&store, acme, Role::Admin);
        assert!(store.login_requests().of_code(&admin, "code of laptop").await.is_err(), "the server's alone");
        let machine = Actor::system("worker", acme);
        let nobody = store.login_requests().confirm(&machine, "code of laptop").await.unwrap_err();
        assert_ne!(*nobody.kind(), ErrorKind::Failed);
    });
}
