//! People: what they do with their own way in, and what who runs the organization does for them.

use bygone_common::{OrgUid, Secret, UserUid};
use bygone_store::links::LinkPurpose;
use bygone_store::{Action, Actor, Resource};
use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::identity::password::{self, Lane};
use crate::identity::sign_in::unsealed;
use crate::identity::totp::{self, Enrolment};
use crate::identity::{random, server};
use crate::problem::{Problem, ProblemCode, Result};
use crate::secrets::Purpose;
use crate::signed::MySession;

/// For how long a link to choose a password works.
const LINK_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// A link that was made, to be shown once.
pub(crate) struct MadeLink {
    pub(crate) token: Secret<String>,
    pub(crate) expires_at: Timestamp,
}

/// Makes a link with which somebody chooses a password.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub(crate) async fn password_link(app: &App, actor: &Actor, org: Option<OrgUid>, uid: UserUid) -> Result<MadeLink> {
    actor.require(Action::Change, Resource::User)?;
    let user = app.store.users().get(actor, org, uid).await?;
    let token = random::token()?;
    let expires_at = app.clock.now() + LINK_LIFETIME;
    app.store.links().create_password(actor, &user, &random::hash(token.expose()), expires_at).await?;
    Ok(MadeLink { token, expires_at })
}

/// Uses such a link.
///
/// # Errors
/// `NotFound`: it does not work, or not any more; `Invalid`: the password.
pub(crate) async fn choose_password(app: &App, token: &str, password: Secret<String>) -> Result<()> {
    let hash = random::hash(token);
    // The link is looked at before anything costly is done for a stranger; and used only with all the rest.
    let user = {
        let mut tx = app.store.begin().await?;
        let whom = tx.use_link(&server(), LinkPurpose::Password, &hash).await?;
        drop(tx);
        let (org, uid) = whom.ok_or_else(|| Problem::not_found("this link"))?;
        app.store.users().get(&server(), org, uid).await?
    };
    password::check_strength(&password, &user.email, "password")?;
    let hashed = app.identity.passwords.hash(password, Lane::Stranger).await?;
    let mut tx = app.store.begin().await?;
    tx.use_link(&server(), LinkPurpose::Password, &hash).await?;
    tx.set_password(&server(), &user, &hashed).await?;
    tx.end_sessions(&user, None).await?;
    tx.commit().await?;
    Ok(())
}

/// Chooses another password, knowing the old one. All other sessions end.
///
/// # Errors
/// `Unauthenticated`: the old one is wrong; `Invalid`: the new one; `TooManyRequests`.
pub(crate) async fn change_password(
    app: &App,
    me: &MySession,
    old: Option<Secret<String>>,
    new: Secret<String>,
) -> Result<()> {
    let user = me.user();
    password::check_strength(&new, &user.email, "new_password")?;
    let known = app.store.users().credentials(&server(), user.org, user.uid).await?;
    if known.password_hash.is_some() {
        let old = old.ok_or_else(|| Problem::invalid("old_password", "give the old password too"))?;
        app.identity.limits.code.take(&user.uid)?;
        if !app.identity.passwords.check(old, known.password_hash, Lane::Known).await? {
            return Err(Problem::new(ProblemCode::Unauthenticated, "the old password is wrong"));
        }
        app.identity.limits.code.give_back(&user.uid);
    } else {
        // Who was never asked for a password here proves themselves as for anything grave.
        crate::identity::step_up::require(app, &me.proven)?;
    }
    let hash = app.identity.passwords.hash(new, Lane::Known).await?;
    app.store.users().set_password(me.actor(), user, &hash, Some(me.session.uid)).await?;
    Ok(())
}

/// Begins to use a second factor: what the device takes, shown once. It is asked for when a code has confirmed it.
///
/// # Errors
/// `Conflict`: there is one.
pub(crate) async fn begin_totp(app: &App, me: &MySession) -> Result<Enrolment> {
    let user = me.user();
    let secret = totp::new_secret()?;
    let sealed = app.secrets.seal(Purpose::TotpSecret, &user.uid.to_string(), secret.expose()).map_err(unsealed)?;
    app.store.users().begin_totp(me.actor(), user, &sealed).await?;
    totp::enrolment(secret.expose(), &user.email)
}

/// Confirms it with a code. The recovery codes, shown once.
///
/// # Errors
/// `Unauthenticated`: the code is wrong; `Conflict`: there is nothing to confirm; `TooManyRequests`.
pub(crate) async fn confirm_totp(app: &App, me: &MySession, code: &str) -> Result<Vec<String>> {
    let user = me.user();
    let known = app.store.users().credentials(&server(), user.org, user.uid).await?;
    let nothing = || Problem::new(ProblemCode::Conflict, "there is no second factor to confirm");
    let sealed = known.totp_sealed.ok_or_else(nothing)?;
    app.identity.limits.code.take(&user.uid)?;
    let secret = app.secrets.open(Purpose::TotpSecret, &user.uid.to_string(), &sealed).map_err(unsealed)?;
    let wrong = || Problem::new(ProblemCode::Unauthenticated, "the code is wrong: is the device's clock right?");
    let step = totp::step(secret.expose(), code, app.clock.now())?.ok_or_else(wrong)?;
    app.identity.limits.code.give_back(&user.uid);
    let (codes, hashes) = totp::recovery_codes(user.uid)?;
    app.store.users().confirm_totp(me.actor(), user, step, &hashes).await?;
    Ok(codes)
}

/// Other recovery codes.
///
/// # Errors
/// `Conflict`: there is no second factor.
pub(crate) async fn new_recovery_codes(app: &App, me: &MySession) -> Result<Vec<String>> {
    let user = me.user();
    if !user.has_totp {
        return Err(Problem::new(ProblemCode::Conflict, "there is no second factor that codes could stand in for"));
    }
    let (codes, hashes) = totp::recovery_codes(user.uid)?;
    app.store.users().replace_recovery_codes(me.actor(), user, &hashes).await?;
    Ok(codes)
}
