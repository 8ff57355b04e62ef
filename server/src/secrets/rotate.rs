//! A new installation key: every sealed value is opened under the old one and sealed under the new one. The old key is kept
//! until nothing is under it, so that a rotation may be cut off and begun again anywhere.

use bygone_store::sealed::{SEALED_COLUMNS, SealedColumn};
use bygone_store::{Action, Actor, Resource, Store};
use serde_json::json;

use super::{Purpose, Secrets, SecretsError, sealed_under};

/// Passes over all rows: a replica may still have sealed under the old key while the first one ran.
const PASSES_MAX: usize = 5;

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The key that seals now.
    pub key: String,
    /// Values that were sealed anew.
    pub values: u64,
    /// Whether the old keys are gone.
    pub finished: bool,
}

/// Why a rotation stopped. What is sealed stays readable.
#[derive(Debug)]
pub enum RotateError {
    /// The rows.
    Store(bygone_store::Error),
    /// The keys, or a value that none of them opens.
    Secrets(SecretsError),
}

impl From<bygone_store::Error> for RotateError {
    fn from(error: bygone_store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<SecretsError> for RotateError {
    fn from(error: SecretsError) -> Self {
        Self::Secrets(error)
    }
}

/// Seals every value anew, under a new key if one can be made here, and else under the first of those that were given.
///
/// # Errors
/// What stopped it; it may be begun again.
pub async fn rotate(store: &Store, secrets: &Secrets, actor: &Actor) -> Result<Rotated, RotateError> {
    actor.require(Action::Change, Resource::Installation)?;
    // With several keys there is a rotation that was cut off, or the owner of the keys has put a new one first.
    if secrets.known().len() < 2 {
        secrets.begin_rotation()?;
    }
    let current = secrets.current().ok_or_else(|| SecretsError::new("there is no installation key"))?;
    let mut values = 0;
    let mut finished = false;
    for _ in 0..PASSES_MAX {
        let mut changed = 0;
        for column in SEALED_COLUMNS {
            changed += column_anew(store, secrets, *column).await?;
        }
        values += changed;
        if changed == 0 {
            secrets.end_rotation()?;
            finished = true;
            break;
        }
    }
    let mut tx = store.begin().await?;
    let details = json!({ "key": current.to_string(), "values": values, "finished": finished });
    tx.audit_in(
        None,
        actor,
        Action::Change,
        Resource::Installation,
        "installation key",
        bygone_store::audit::AuditOutcome::Done,
        details,
    )
    .await?;
    tx.commit().await?;
    Ok(Rotated { key: current.to_string(), values, finished })
}

/// Seals the values of a column anew that are not under the present key; answers how many were.
async fn column_anew(store: &Store, secrets: &Secrets, column: SealedColumn) -> Result<u64, RotateError> {
    let actor = Actor::installation("secrets");
    let purpose = Purpose::ALL.into_iter().find(|purpose| purpose.name() == column.purpose);
    let purpose = purpose.ok_or_else(|| SecretsError::new(format!("{} is no purpose", column.purpose)))?;
    let current = secrets.current();
    let mut changed = 0;
    let mut after = String::new();
    loop {
        let rows = store.sealed().rows(&actor, column, &after).await?;
        let Some(last) = rows.last() else { return Ok(changed) };
        after.clone_from(&last.key);
        for row in &rows {
            if sealed_under(&row.sealed).ok() == current {
                continue;
            }
            let opened = secrets.open(purpose, &row.key, &row.sealed)?;
            let anew = secrets.seal(purpose, &row.key, opened.expose())?;
            // Who changed it meanwhile has sealed it, under whichever key: the next pass looks.
            store.sealed().replace(&actor, column, row, &anew).await?;
            changed += 1;
        }
    }
}
