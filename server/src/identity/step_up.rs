//! The second factor again, before something that cannot be undone: the code, or the password for who has no second factor,
//! or a new sign-in at the provider.

use axum::http::HeaderMap;
use bygone_common::Secret;
use bygone_store::sessions::Session;

use super::cookie;
use super::password::Lane;
use super::server;
use super::session::{Proof, Proven, STEP_UP};
use super::sign_in::{Factor, check_factor};
use crate::app::App;
use crate::problem::{Problem, ProblemCode, Result};

/// What somebody gives to prove again who they are.
pub(crate) enum Again {
    /// A code.
    Factor(Factor),
    /// The password, from who has no second factor here.
    Password(Secret<String>),
}

/// Refuses who has not shown the second factor lately.
///
/// # Errors
/// `StepUpRequired`; `Forbidden`: a token that cannot.
pub(crate) fn require(app: &App, proven: &Proven) -> Result<()> {
    match &proven.proof {
        Proof::Session(session) if session.step_up_until > app.clock.now() => Ok(()),
        Proof::Session(_) => {
            let title =
                "prove again who you are: with the code of the second factor, or the password (POST /api/v1/step-up)";
            Err(Problem::new(ProblemCode::StepUpRequired, title))
        }
        Proof::Token(token) if token.scopes.allowance().is_unattended() => Ok(()),
        Proof::Token(_) => {
            let title = "this asks people for the second factor again: a token needs the scope `unattended` for it";
            Err(Problem::new(ProblemCode::Forbidden, title))
        }
    }
}

/// Checks what was given, and lets the session do such things for a while.
///
/// # Errors
/// `Unauthenticated`: it is wrong; `Conflict`: this cannot be shown here, but at the provider; `TooManyRequests`.
pub(crate) async fn step_up(
    app: &App,
    headers: &HeaderMap,
    proven: &Proven,
    session: &Session,
    again: Again,
) -> Result<()> {
    let user = &proven.user;
    let known = app.store.users().credentials(&server(), user.org, user.uid).await?;
    let is_device = cookie::device(app, headers, user.uid, known.password_changed_at).is_some();
    let is_right = match (again, known.user.has_totp, &known.password_hash) {
        (Again::Factor(factor), true, _) => check_factor(app, &known, &factor, is_device).await?,
        (Again::Password(_), true, _) => {
            return Err(Problem::new(ProblemCode::SecondFactorRequired, "give the code of the second factor"));
        }
        (Again::Password(password), false, Some(hash)) => {
            app.identity.limits.code.take(&user.uid)?;
            let is_right = app.identity.passwords.check(password, Some(hash.clone()), Lane::Known).await?;
            if is_right {
                app.identity.limits.code.give_back(&user.uid);
            }
            is_right
        }
        (Again::Factor(_), false, Some(_)) => {
            return Err(Problem::new(ProblemCode::Conflict, "there is no second factor yet: give the password"));
        }
        (Again::Factor(_) | Again::Password(_), false, None) => {
            let title = "sign in again at the provider (GET /api/v1/sign-in/oidc/{provider}?step_up=true)";
            return Err(Problem::new(ProblemCode::Conflict, title));
        }
    };
    if !is_right {
        return Err(Problem::new(ProblemCode::Unauthenticated, "the password or the code is wrong"));
    }
    app.store.sessions().step_up(&server(), user, session.uid, app.clock.now() + STEP_UP).await?;
    Ok(())
}
