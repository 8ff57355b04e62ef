//! Repositories behind the gateway, and who may use them.

use bygone_common::{OrgUid, RepositoryUid};
use bygone_server::gateway::{new_secret, secret_hash};
use bygone_server::secrets::Purpose;
use bygone_store::gateway_credentials::{GatewayAccess, NewGatewayCredential};
use bygone_store::repositories::{AgentRoute, NewRepository, Repository, StorageClass};
use bygone_store::{Actor, Role, Who};
use bygone_tests::restic::{PASSWORD, Restic};

use crate::support::Stack;

/// A name and password.
pub(crate) struct Credential {
    pub(crate) username: String,
    pub(crate) secret: String,
}

/// A repository behind the gateway of a stack.
pub(crate) struct Behind {
    pub(crate) org: OrgUid,
    pub(crate) row: Repository,
    pub(crate) url: String,
}

/// Somebody who runs an organization.
pub(crate) fn admin(stack: &Stack, org: OrgUid) -> Actor {
    let store = &stack.server.as_ref().unwrap().app().store;
    Actor::new(Who::User(store.uid(bygone_common::UserUid::new)), Some(org), Role::Admin)
}

/// A row for a repository at a place, without asking the place.
pub(crate) async fn behind(stack: &Stack, org_name: &str, name: &str, location: Option<String>) -> Behind {
    let app = stack.server.as_ref().unwrap().app().clone();
    let org: OrgUid = match app.store.orgs().named(&Actor::installation("test"), org_name).await {
        Ok(org) => org.uid,
        Err(_) => stack.root().make_org(org_name).await.parse().unwrap(),
    };
    let uid = app.store.uid(RepositoryUid::new);
    let local = app.storages.managed(org_name, name).to_string();
    let new = NewRepository {
        uid,
        name: name.to_owned(),
        location: location.unwrap_or(local),
        credential: None,
        password_sealed: app.secrets.seal(Purpose::RepositoryPassword, &uid.to_string(), PASSWORD.as_bytes()).unwrap(),
        restic_id: String::new(),
        format: 2,
        class: StorageClass::Hot,
        agent_route: AgentRoute::Gateway,
        worm_days: None,
        bytes_max: None,
        adopted: false,
    };
    let row = app.store.repositories().create(&admin(stack, org), org, &new).await.unwrap();
    Behind { org, row, url: format!("{}/restic/{org_name}/{name}/", stack.url()) }
}

impl Behind {
    /// A new credential.
    pub(crate) async fn credential(&self, stack: &Stack, access: GatewayAccess) -> Credential {
        let (username, secret) = new_secret().unwrap();
        let new = NewGatewayCredential {
            repository: self.row.uid,
            name: format!("{access} of a test"),
            username: username.clone(),
            secret_hash: secret_hash(secret.expose()),
            access,
            user: None,
            agent: None,
            expires_at: None,
        };
        let store = &stack.server.as_ref().unwrap().app().store;
        store.gateway_credentials().create(&admin(stack, self.org), self.org, &new).await.unwrap();
        Credential { username, secret: secret.expose().clone() }
    }

    /// Stock restic through the gateway.
    pub(crate) fn restic(&self, by: &Credential) -> Restic {
        Restic::new(format!("rest:{}", self.url))
            .env("RESTIC_REST_USERNAME", &by.username)
            .env("RESTIC_REST_PASSWORD", &by.secret)
    }
}
