//! People with API tokens that do all that they may, made without a password: hashing one takes its time.

use bygone_common::{OrgUid, UserUid};
use bygone_store::api_tokens::NewApiToken;
use bygone_store::scopes::Scopes;
use bygone_store::users::NewUser;
use bygone_store::{Actor, Role, Store, Who};
use sha2::{Digest, Sha256};

/// Everything that the person may do.
const SCOPES: [&str; 6] = ["*:read", "*:write", "*:delete", "*:run", "*:export", "unattended"];

/// The token of somebody who runs the installation.
pub(crate) async fn root(store: &Store) -> String {
    person(store, None, Role::Root).await
}

/// The token of somebody with a role.
pub(crate) async fn person(store: &Store, org: Option<OrgUid>, role: Role) -> String {
    person_within(store, org, role, &SCOPES).await
}

/// The same with a token for a part of what the person may do.
pub(crate) async fn person_within(store: &Store, org: Option<OrgUid>, role: Role, scopes: &[&str]) -> String {
    let server = Actor::installation("test");
    let unique = store.uid(UserUid::new);
    let new = NewUser { email: format!("{unique}@example.test"), name: role.to_string(), role, provider: None };
    let user = store.users().create(&server, org, &new).await.unwrap();
    let secret = format!("bygone_{}", hex::encode(Sha256::digest(user.uid.to_string())));
    let token = NewApiToken {
        name: "test".to_owned(),
        prefix: "bygone_".to_owned(),
        hash: hex::encode(Sha256::digest(&secret)),
        scopes: Scopes::parse(scopes).unwrap(),
        expires_at: store.now() + jiff::SignedDuration::from_hours(24 * 300),
    };
    store.api_tokens().create(&Actor::new(Who::User(user.uid), org, role), &token).await.unwrap();
    secret
}
