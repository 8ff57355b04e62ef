//! Escrow: what is needed to reach and open repositories without this server, encrypted to a key that is kept elsewhere.
//! The form is age's (age-encryption.org/v1), so that `age --decrypt` reads it on any machine.

use std::io::Write as _;
use std::str::FromStr as _;

use bygone_common::{OrgUid, Secret};
use bygone_store::audit::AuditOutcome;
use bygone_store::orgs::Org;
use bygone_store::{Action, Actor, Page, Resource, Store};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Purpose, Secrets};
use crate::problem::{Problem, Result};
use crate::storages::StorageError;

/// Pages of a list that are followed at most: of 500 each.
const PAGES_MAX: usize = 10_000;

/// Everything of an escrow.
#[derive(Serialize)]
struct Escrow {
    form: &'static str,
    made_at: jiff::Timestamp,
    repositories: Vec<Value>,
}

/// Whose repositories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// One organization's: for its admins.
    Org(OrgUid),
    /// All: for root.
    Installation,
}

/// All that opens repositories, encrypted to an age recipient (`age1…`).
///
/// # Errors
/// `Invalid`: the recipient; `NotFound`, `Forbidden`.
pub async fn export(store: &Store, secrets: &Secrets, actor: &Actor, whose: Whose, recipient: &str) -> Result<Vec<u8>> {
    let recipient = age::x25519::Recipient::from_str(recipient.trim())
        .map_err(|why| Problem::invalid("recipient", format!("not an age recipient, which begins with age1: {why}")))?;
    let orgs = match whose {
        Whose::Org(org) => {
            let org = actor.in_org(org)?;
            actor.require(Action::Export, Resource::Repository)?;
            vec![store.orgs().get(actor, org).await?]
        }
        Whose::Installation => {
            actor.require(Action::Export, Resource::Installation)?;
            all_orgs(store, actor).await?
        }
    };
    let mut repositories = Vec::new();
    for org in &orgs {
        of_org(store, secrets, org, &mut repositories).await?;
    }
    let count = repositories.len();
    let escrow = Escrow { form: "bygone escrow 1", made_at: store.now(), repositories };
    let plain = Secret::new(serde_json::to_vec_pretty(&escrow).unwrap_or_default());
    let sealed = encrypt(&recipient, plain.expose());
    let sealed =
        sealed.map_err(|why| Problem::new(crate::problem::ProblemCode::Internal, format!("encrypt: {why}")))?;
    let mut tx = store.begin().await?;
    let details = json!({ "recipient": recipient.to_string(), "repositories": count });
    let (chain, resource, uid) = match whose {
        Whose::Org(org) => (Some(org), Resource::Repository, org.to_string()),
        Whose::Installation => (None, Resource::Installation, "escrow".to_owned()),
    };
    tx.audit_in(chain, actor, Action::Export, resource, uid, AuditOutcome::Done, details).await?;
    tx.commit().await?;
    Ok(sealed)
}

fn encrypt(recipient: &age::x25519::Recipient, plain: &[u8]) -> Result<Vec<u8>, String> {
    let recipients = std::iter::once(recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(recipients).map_err(|error| error.to_string())?;
    let mut sealed = Vec::new();
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(|error| error.to_string())?;
    writer.write_all(plain).map_err(|error| error.to_string())?;
    writer.finish().map_err(|error| error.to_string())?;
    Ok(sealed)
}

async fn all_orgs(store: &Store, actor: &Actor) -> Result<Vec<Org>> {
    let mut orgs = Vec::new();
    let mut next = None;
    for _ in 0..PAGES_MAX {
        let page = Page::new(Some(bygone_store::page::PAGE_ITEMS_MAX), next.as_deref())?;
        let list = store.orgs().list(actor, &page).await?;
        orgs.extend(list.items);
        next = list.next;
        if next.is_none() {
            break;
        }
    }
    Ok(orgs)
}

async fn of_org(store: &Store, secrets: &Secrets, org: &Org, repositories: &mut Vec<Value>) -> Result<()> {
    let system = Actor::system("escrow", org.uid);
    let mut next = None;
    for _ in 0..PAGES_MAX {
        let page = Page::new(Some(bygone_store::page::PAGE_ITEMS_MAX), next.as_deref())?;
        let list = store.repositories().list(&system, org.uid, &page).await?;
        for row in &list.items {
            let sealed = store.repositories().sealed_password(&system, org.uid, row.uid).await?;
            let password = secrets.open_text(Purpose::RepositoryPassword, &row.uid.to_string(), &sealed);
            let password = password.map_err(StorageError::Secrets)?;
            let credential = match row.credential {
                Some(uid) => {
                    let sealed = store.storage_credentials().sealed(&system, org.uid, uid).await?;
                    let opened = secrets.open(Purpose::StorageCredential, &uid.to_string(), &sealed);
                    let opened = opened.map_err(StorageError::Secrets)?;
                    serde_json::from_slice(opened.expose()).unwrap_or(Value::Null)
                }
                None => Value::Null,
            };
            repositories.push(json!({
                "organization": org.name,
                "name": row.name,
                "location": row.location,
                "restic_id": row.restic_id,
                "password": password.expose(),
                "credential": credential,
            }));
        }
        next = list.next;
        if next.is_none() {
            break;
        }
    }
    Ok(())
}
