//! Signing in at a provider of identities (OpenID Connect): discovery, authorization code with PKCE, refresh, and being
//! signed out by the provider.

mod arrive;
mod flight;
mod http;
mod logout;
mod refresh;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bygone_common::{ProviderUid, Secret};
use bygone_store::providers::Provider;
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, Client, ClientId, ClientSecret, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IdToken, IdTokenFields, IssuerUrl, ProviderMetadataWithLogout, RedirectUrl, StandardErrorResponse,
    StandardTokenResponse,
};
use serde::{Deserialize, Serialize};

pub(crate) use flight::{CLIENT_REFUSED, Callback, DECLINED, arrive, begin, destination, inside};
pub(crate) use logout::{back_channel, end_session_url};
pub(crate) use refresh::refresh;

use self::http::{Http, Reach};
use super::server;
use super::sign_in::unsealed;
use crate::app::App;
use crate::problem::{Problem, ProblemCode, Result, chain};
use crate::secrets::Purpose;

/// For how long what a provider says about itself is believed without asking again.
const KNOWN_FOR: SignedDuration = SignedDuration::from_mins(60);
/// Not before so long its keys are asked for again because of a key that is not known.
const ASKED_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(1);
/// Providers that are remembered at most.
const PROVIDERS_MAX: usize = 1_000;

/// Claims beside the standard ones: groups, under whatever name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Extra(HashMap<String, serde_json::Value>);

impl AdditionalClaims for Extra {}

type Fields = IdTokenFields<
    Extra,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type SignedToken = IdToken<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Refusal = StandardErrorResponse<CoreErrorResponseType>;
type Relying = Client<
    Extra,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    Refusal,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What providers said about themselves.
#[derive(Debug)]
pub(crate) struct Providers {
    known: Mutex<HashMap<ProviderUid, Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    metadata: Arc<ProviderMetadataWithLogout>,
    issuer: String,
    asked_at: Timestamp,
}

impl Providers {
    pub(crate) fn new() -> Self {
        Self { known: Mutex::new(HashMap::new()) }
    }

    fn get(&self, provider: &Provider, now: Timestamp, at_most: SignedDuration) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(&provider.uid)?;
        let is_fresh = found.issuer == provider.settings.issuer && now.duration_since(found.asked_at) < at_most;
        is_fresh.then(|| found.clone())
    }

    fn keep(&self, uid: ProviderUid, known: Known) {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= PROVIDERS_MAX && !all.contains_key(&uid) {
            // All of it can be asked for again.
            all.clear();
        }
        all.insert(uid, known);
    }
}

/// A provider that we know how to talk to.
pub(crate) struct Connected {
    provider: Provider,
    secret: Option<Secret<String>>,
    metadata: Arc<ProviderMetadataWithLogout>,
    http: Http,
}

/// How old what is known may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    /// As usual.
    Usual,
    /// A key was not found in it: younger, if the provider was not asked just now.
    Young,
}

async fn connect(app: &App, uid: ProviderUid, age: Age) -> Result<Connected> {
    let (provider, sealed) = app.store.providers().unlocked(&server(), uid).await?;
    let open =
        |sealed: Vec<u8>| app.secrets.open_text(Purpose::OidcClientSecret, &uid.to_string(), &sealed).map_err(unsealed);
    let secret = sealed.map(open).transpose()?;
    let http = client(app, Reach::of(&provider.settings.issuer), provider.org.is_some())?;
    let now = app.clock.now();
    let at_most = match age {
        Age::Usual => KNOWN_FOR,
        Age::Young => ASKED_AGAIN_AFTER,
    };
    let metadata = match app.identity.providers.get(&provider, now, at_most) {
        Some(known) => known.metadata,
        None => {
            let metadata = Arc::new(discover(&provider.settings.issuer, &http).await?);
            let known =
                Known { metadata: Arc::clone(&metadata), issuer: provider.settings.issuer.clone(), asked_at: now };
            app.identity.providers.keep(uid, known);
            metadata
        }
    };
    Ok(Connected { provider, secret, metadata, http })
}

/// What an organization's admin has named is judged as its storages are.
fn client(app: &App, reach: Reach, is_of_org: bool) -> Result<Http> {
    let rule = is_of_org.then(|| app.storages.address_rule());
    Http::new(reach, rule).map_err(|fault| failed("an HTTP client", &fault))
}

async fn discover(issuer: &str, http: &Http) -> Result<ProviderMetadataWithLogout> {
    let url = IssuerUrl::new(issuer.to_owned()).map_err(|_| Problem::invalid("issuer", "the issuer is not a URL"))?;
    ProviderMetadataWithLogout::discover_async(url, http).await.map_err(|fault| unreachable(&fault))
}

/// Refuses an issuer that cannot be one, and one that does not describe itself.
///
/// # Errors
/// `Invalid`, about `issuer`; `StorageFailed`: it does not answer.
pub(crate) async fn check_issuer(app: &App, issuer: &str, is_of_org: bool) -> Result<()> {
    let reach = Reach::of(issuer);
    let is_sound = match reach {
        Reach::Web => issuer.starts_with("https://"),
        // Plain HTTP on loopback reaches this machine, which is the installation's.
        Reach::Loopback => !is_of_org,
    };
    if !is_sound {
        return Err(Problem::invalid("issuer", "an issuer is a URL of https"));
    }
    let http = client(app, reach, is_of_org)?;
    let found = discover(issuer, &http).await;
    found.map(drop).map_err(|problem| Problem::invalid("issuer", problem.title()))
}

impl Connected {
    fn relying(&self, redirect: Option<&str>) -> Result<Relying> {
        let metadata: ProviderMetadataWithLogout = (*self.metadata).clone();
        let secret = self.secret.as_ref().map(|secret| ClientSecret::new(secret.expose().clone()));
        let id = ClientId::new(self.provider.settings.client_id.clone());
        let client = Client::from_provider_metadata(metadata, id, secret);
        match redirect {
            None => Ok(client),
            Some(url) => {
                let url = RedirectUrl::new(url.to_owned()).map_err(|fault| failed("a redirect", &fault))?;
                Ok(client.set_redirect_uri(url))
            }
        }
    }
}

/// The provider does not do what it should: no fault of the person, nor of ours.
fn unreachable(fault: &(dyn std::error::Error + 'static)) -> Problem {
    let text = chain(fault);
    tracing::warn!(error = text, "a provider of identities does not answer as it should");
    Problem::new(ProblemCode::StorageFailed, format!("the provider of identities does not answer as it should: {text}"))
}

fn failed(what: &str, fault: &dyn std::fmt::Display) -> Problem {
    tracing::error!(error = %fault, "{what} cannot be made");
    Problem::new(ProblemCode::Internal, "the server failed; its log says how")
}
