//! Who it is that a provider vouches for: somebody we know, or somebody new.

use bygone_store::providers::{Provider, Standing, standing};
use bygone_store::users::{NewUser, User};
use jiff::Timestamp;
use openidconnect::core::CoreGenderClaim;
use openidconnect::{IdTokenClaims, UserInfoClaims};
use serde_json::Value;

use super::Extra;
use crate::app::App;
use crate::correlation::Origin;
use crate::identity::server;
use crate::problem::{Problem, ProblemCode, Result};

/// Groups of one person that are looked at, at most.
const GROUPS_MAX: usize = 1_000;
/// Bytes of a subject at most (OpenID Connect, section 2: 255 ASCII characters).
const SUBJECT_BYTES_MAX: usize = 255;

/// What a provider says of somebody.
#[derive(Debug, Clone)]
pub(super) struct Claims {
    pub(super) issuer: String,
    pub(super) subject: String,
    /// The provider's own id of the session.
    pub(super) sid: Option<String>,
    pub(super) signed_in_at: Option<Timestamp>,
    email: Option<String>,
    is_email_verified: bool,
    name: Option<String>,
    groups: Option<Vec<String>>,
}

impl Claims {
    /// What it signed.
    pub(super) fn signed(claims: &IdTokenClaims<Extra, CoreGenderClaim>, groups_claim: &str, _now: Timestamp) -> Self {
        let extra = &claims.additional_claims().0;
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.to_string());
        Self {
            issuer: claims.issuer().to_string(),
            subject: claims.subject().to_string(),
            sid: extra.get("sid").and_then(Value::as_str).map(str::to_owned),
            signed_in_at: claims.auth_time().and_then(|time| Timestamp::from_second(time.timestamp()).ok()),
            email: claims.email().map(|email| email.to_string()),
            is_email_verified: claims.email_verified().unwrap_or_default(),
            name: name.or_else(|| claims.preferred_username().map(|name| name.to_string())),
            groups: extra.get(groups_claim).map(groups),
        }
    }

    /// Whether something is missing that the provider may tell when asked.
    pub(super) const fn is_wanting(&self) -> bool {
        self.email.is_none() || self.groups.is_none()
    }

    /// Adds what it told when asked. What it signed stays as it is.
    pub(super) fn complete(&mut self, told: &UserInfoClaims<Extra, CoreGenderClaim>, groups_claim: &str) {
        if self.email.is_none() {
            self.email = told.email().map(|email| email.to_string());
            self.is_email_verified = told.email_verified().unwrap_or_default();
        }
        if self.name.is_none() {
            self.name = told.name().and_then(|name| name.get(None)).map(|name| name.to_string());
        }
        if self.groups.is_none() {
            self.groups = told.additional_claims().0.get(groups_claim).map(groups);
        }
    }

    /// What the person's groups make them here.
    pub(super) fn standing(&self, provider: &Provider) -> Option<Standing> {
        standing(provider.org, &provider.settings.rules, self.groups.as_deref().unwrap_or_default())
    }
}

/// The person: the one we know by this identity, the one we know by the address if the provider is to be believed about it,
/// or a new one. Their role follows their groups.
///
/// # Errors
/// `Forbidden`: the groups make them nothing here, or they are kept out; `Conflict`: somebody else has the address.
pub(super) async fn settle(app: &App, from: Origin, provider: &Provider, claims: &Claims) -> Result<User> {
    if claims.subject.is_empty() || claims.subject.len() > SUBJECT_BYTES_MAX {
        return Err(Problem::new(ProblemCode::Unauthenticated, "the provider does not say who it is"));
    }
    let by = server().from_request(from.correlation, from.address);
    let nothing = || Problem::new(ProblemCode::Forbidden, "no group that this person is in may sign in here");
    let stands = claims.standing(provider).ok_or_else(nothing)?;
    let known = app.store.identities().user(&by, provider.uid, &claims.issuer, &claims.subject).await?;
    let user = match known {
        Some(user) => user,
        None => tie(app, &by, provider, claims, stands).await?,
    };
    if user.disabled {
        return Err(Problem::new(ProblemCode::Forbidden, "this person is kept out"));
    }
    if user.org != stands.org {
        let title = "the groups of this person are of another organization now: remove them from the one they are in";
        return Err(Problem::new(ProblemCode::Conflict, title));
    }
    // Who was made here keeps the role they were given here.
    let role = if user.provider == Some(provider.uid) { stands.role } else { user.role };
    app.store.identities().seen(&by, &user, role).await?;
    Ok(User { role, ..user })
}

async fn tie(
    app: &App,
    by: &bygone_store::Actor,
    provider: &Provider,
    claims: &Claims,
    stands: Standing,
) -> Result<User> {
    let email = claims.email.clone().ok_or_else(|| {
        Problem::new(ProblemCode::Forbidden, "the provider tells no email address: ask it for the scope `email`")
    })?;
    let found = app.store.users().by_email(by, stands.org, &email).await?;
    let same = found.into_iter().map(|known| known.user).find(|user| user.org == stands.org);
    let mut tx = app.store.begin().await?;
    let user = match same {
        Some(user) if provider.settings.links_email && claims.is_email_verified => user,
        Some(_) => {
            let title =
                "somebody with this address is known already, and this provider is not believed about addresses";
            return Err(Problem::new(ProblemCode::Conflict, title));
        }
        None => {
            let name = claims.name.clone().unwrap_or_else(|| email.clone());
            let new = NewUser { email, name, role: stands.role, provider: Some(provider.uid) };
            tx.create_user(by, stands.org, &new).await?
        }
    };
    tx.add_identity(by, &user, provider.uid, &claims.issuer, &claims.subject).await?;
    tx.commit().await?;
    Ok(user)
}

/// A list of names, or one name.
fn groups(claim: &Value) -> Vec<String> {
    match claim {
        Value::Array(names) => names.iter().filter_map(Value::as_str).take(GROUPS_MAX).map(str::to_owned).collect(),
        Value::String(name) => vec![name.clone()],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}
