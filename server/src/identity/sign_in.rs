//! Signing in with a password, and a second factor where there is one.
//!
//! Nobody can lock somebody else out: what is limited is an address, a person from an address, and a browser; a browser with
//! which the person signed in before has an allowance of its own. Nothing tells whether a person exists: an unknown one
//! costs the same time and gets the same answer.

use std::net::IpAddr;

use axum::http::HeaderMap;
use bygone_common::{OrgUid, Secret};
use bygone_store::audit::AuditOutcome;
use bygone_store::users::{Credentials, User};
use bygone_store::{Action, Actor, Resource};
use serde_json::json;

use super::cookie;
use super::password::{Lane, PASSWORD_BYTES_MAX};
use super::{random, rate, server, totp};
use crate::app::App;
use crate::correlation::Origin;
use crate::problem::{Problem, ProblemCode, Result};
use crate::secrets::Purpose;

/// The address that stands for those that are not known.
const NOWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);

/// What somebody gives to sign in.
pub(crate) struct Given {
    /// The organization's name; without it the address must be enough.
    pub(crate) org: Option<String>,
    pub(crate) email: String,
    pub(crate) password: Secret<String>,
    pub(crate) factor: Option<Factor>,
}

/// What stands for the second factor.
pub(crate) enum Factor {
    /// A code of the moment.
    Code(Secret<String>),
    /// One of the codes for who has lost the device.
    Recovery(Secret<String>),
}

/// Who it is, if all that was given is right.
///
/// # Errors
/// `Unauthenticated`: something is wrong, and nothing says what; `SecondFactorRequired`: the password is right;
/// `TooManyRequests`; `Unavailable`.
pub(crate) async fn check(app: &App, from: Origin, headers: &HeaderMap, given: Given) -> Result<User> {
    let found = find(app, &given).await?;
    let known =
        found.as_ref().and_then(|known| cookie::device(app, headers, known.user.uid, known.password_changed_at));
    let attempt = Attempt::take(app, from, &given, known.map(|device| device.id))?;
    let lane = if matches!(attempt, Attempt::Device(_)) { Lane::Known } else { Lane::Stranger };
    let hash = found.as_ref().and_then(|known| known.password_hash.clone());
    let password = bounded(given.password);
    let fits = app.identity.passwords.check(password.clone(), hash, lane).await?;
    match found {
        Some(known) if fits && !known.user.disabled => {
            if known.user.has_totp {
                // Who knows the password is told what is missing, and has not failed.
                let Some(factor) = &given.factor else {
                    attempt.give_back(app);
                    return Err(Problem::new(
                        ProblemCode::SecondFactorRequired,
                        "give the code of the second factor too",
                    ));
                };
                let is_device = matches!(attempt, Attempt::Device(_));
                if !check_factor(app, &known, factor, is_device).await? {
                    failed(app, from, &known.user, "second factor").await?;
                    return Err(wrong());
                }
            }
            attempt.give_back(app);
            renew_hash(app, &known, password, lane).await;
            Ok(known.user)
        }
        Some(known) => {
            failed(app, from, &known.user, "password").await?;
            Err(wrong())
        }
        None => Err(wrong()),
    }
}

/// Keeps a hash as hashes are made today, while the password is at hand. What fails here can wait until the next time.
async fn renew_hash(app: &App, known: &Credentials, password: Secret<String>, lane: Lane) {
    let Some(old) = &known.password_hash else { return };
    match app.identity.passwords.renewed(password, old, lane).await {
        Ok(None) => {}
        Ok(Some(new)) => {
            if let Err(error) = app.store.users().renew_password_hash(&server(), &known.user, old, &new).await {
                tracing::warn!(error = crate::problem::chain(&error), "a password's hash could not be renewed");
            }
        }
        Err(problem) => tracing::debug!(why = problem.title(), "a password's hash is renewed another time"),
    }
}

/// Whether a code of the moment that was not used before, or a recovery code that was not, is right.
///
/// # Errors
/// `TooManyRequests`: too many were wrong.
pub(crate) async fn check_factor(app: &App, known: &Credentials, factor: &Factor, is_device: bool) -> Result<bool> {
    let user = &known.user;
    // Only who has the password comes here, so that this keeps nobody out whom a stranger has in mind; and a browser that is
    // known is limited by itself.
    if !is_device {
        app.identity.limits.code.take(&user.uid)?;
    }
    let is_right = match factor {
        Factor::Recovery(code) => {
            let hash = totp::recovery_hash(user.uid, code.expose());
            app.store.users().use_recovery_code(&server(), user, &hash).await?
        }
        Factor::Code(code) => {
            let Some(sealed) = &known.totp_sealed else { return Ok(false) };
            let secret = app.secrets.open(Purpose::TotpSecret, &user.uid.to_string(), sealed).map_err(unsealed)?;
            match totp::step(secret.expose(), code.expose(), app.clock.now())? {
                Some(step) => app.store.users().use_totp_step(&server(), user, step).await?,
                None => false,
            }
        }
    };
    if is_right && !is_device {
        app.identity.limits.code.give_back(&user.uid);
    }
    Ok(is_right)
}

/// Says what the log needs to know of a secret that does not open.
pub(crate) fn unsealed(fault: crate::secrets::SecretsError) -> Problem {
    tracing::error!(error = %fault, "a secret does not open");
    Problem::new(ProblemCode::Internal, "the server failed; its log says how")
}

/// The one person that is meant. An address of several organizations means nobody until one is named.
async fn find(app: &App, given: &Given) -> Result<Option<Credentials>> {
    let org: Option<OrgUid> = match &given.org {
        None => None,
        Some(name) => match app.store.orgs().named(&server(), name).await {
            Ok(org) => Some(org.uid),
            Err(error) if *error.kind() == bygone_store::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        },
    };
    let mut found = app.store.users().by_email(&server(), org, &given.email).await?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// What an attempt was counted against.
enum Attempt {
    /// A browser that is known.
    Device(String),
    /// An address, and what the person calls themselves there.
    Stranger(IpAddr, (String, IpAddr)),
}

impl Attempt {
    fn take(app: &App, from: Origin, given: &Given, device: Option<String>) -> Result<Self> {
        let limits = &app.identity.limits;
        if let Some(device) = device {
            limits.sign_in_device.take(&device)?;
            return Ok(Self::Device(device));
        }
        let address = rate::network(from.address.unwrap_or(NOWHERE));
        limits.sign_in_address.take(&address)?;
        let email = given.email.trim().to_lowercase();
        // A hash, as what people type may be long.
        let pair = (random::hash(&format!("{} {email}", given.org.as_deref().unwrap_or_default())), address);
        limits.sign_in_pair.take(&pair)?;
        Ok(Self::Stranger(address, pair))
    }

    fn give_back(&self, app: &App) {
        let limits = &app.identity.limits;
        match self {
            Self::Device(device) => limits.sign_in_device.give_back(device),
            Self::Stranger(address, pair) => {
                limits.sign_in_address.give_back(address);
                limits.sign_in_pair.give_back(pair);
            }
        }
    }
}

/// What is longer than any password is not hashed at its full length.
fn bounded(password: Secret<String>) -> Secret<String> {
    if password.expose().len() <= PASSWORD_BYTES_MAX { password } else { Secret::new(String::new()) }
}

async fn failed(app: &App, from: Origin, user: &User, what: &str) -> Result<()> {
    app.store.users().note_failure(&server(), user).await?;
    let by = match user.org {
        Some(org) => Actor::system("sign-in", org),
        None => server(),
    };
    let by = by.from_request(from.correlation, from.address);
    let details = json!({ "user": user.uid, "wrong": what });
    let refused = AuditOutcome::Refused;
    app.store.audit().record(&by, Action::Create, Resource::Session, user.uid, refused, details).await?;
    Ok(())
}

fn wrong() -> Problem {
    Problem::new(ProblemCode::Unauthenticated, "the address, the password or the code is wrong")
}
