//! The first start: a link that is printed once, and makes the first person who runs the installation.

use bygone_common::Secret;
use bygone_store::links::LinkPurpose;
use bygone_store::users::{NewUser, User};
use bygone_store::{Role, Store};
use jiff::SignedDuration;

use super::password::{self, Lane};
use super::{random, server};
use crate::app::App;
use crate::problem::{Problem, ProblemCode, Result};

/// For how long the link works; the next start makes another.
const LINK_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// The token of the link that sets the installation up, to be shown once to who started the server. None: somebody runs it
/// already. A link that was made before works no more.
///
/// # Errors
/// The database, or a system without randomness.
pub async fn link(store: &Store) -> Result<Option<Secret<String>>> {
    let token = random::token()?;
    let end = store.now() + LINK_LIFETIME;
    let made = store.links().create_set_up(&server(), &random::hash(token.expose()), end).await?;
    Ok(made.then_some(token))
}

/// Uses the link.
///
/// # Errors
/// `NotFound`: the link does not work, or not any more; `Invalid`: the address, name or password.
pub(crate) async fn redeem(
    app: &App,
    token: &str,
    email: String,
    name: String,
    password: Secret<String>,
) -> Result<User> {
    password::check_strength(&password, &email, "password")?;
    // The link is looked at before anything costly is done for a stranger; and used only with all the rest.
    let mut tx = app.store.begin().await?;
    tx.use_link(&server(), LinkPurpose::SetUp, &random::hash(token)).await?;
    drop(tx);
    let hash = app.identity.passwords.hash(password, Lane::Stranger).await?;
    let mut tx = app.store.begin().await?;
    tx.use_link(&server(), LinkPurpose::SetUp, &random::hash(token)).await?;
    if tx.somebody_runs_the_installation().await? {
        return Err(Problem::new(ProblemCode::Conflict, "somebody runs this installation already"));
    }
    let new = NewUser { email, name, role: Role::Root, provider: None };
    let user = tx.create_user(&server(), None, &new).await?;
    tx.set_password(&server(), &user, &hash).await?;
    tx.commit().await?;
    Ok(User { has_password: true, ..user })
}
