//! Providers of identities: made and changed by who runs the organization, or the installation.

use bygone_common::{OrgUid, ProviderUid, Secret};
use bygone_store::Actor;
use bygone_store::providers::{Provider, ProviderSettings};

use crate::app::App;
use crate::identity::oidc;
use crate::identity::sign_in::unsealed;
use crate::problem::Result;
use crate::secrets::Purpose;

/// Makes a provider that answers. Its secret is sealed.
///
/// # Errors
/// `Invalid`: a setting, or an issuer that does not describe itself; `Conflict`: the name is taken; `NotFound`, `Forbidden`.
pub(crate) async fn create(
    app: &App,
    actor: &Actor,
    org: Option<OrgUid>,
    settings: &ProviderSettings,
    secret: Option<Secret<String>>,
) -> Result<Provider> {
    // Who may not is told so before anybody is asked on their behalf.
    app.store.providers().list(actor, org, &bygone_store::Page::default()).await?;
    oidc::check_issuer(app, &settings.issuer, org.is_some()).await?;
    let uid = app.store.uid(ProviderUid::new);
    let sealed = sealed(app, uid, secret)?;
    Ok(app.store.providers().create(actor, org, uid, settings, sealed.as_deref()).await?)
}

/// Puts other settings in the place of those there were; a secret of none stays.
///
/// # Errors
/// `Invalid`: a setting; `Conflict`: changed meanwhile; `NotFound`, `Forbidden`.
pub(crate) async fn change(
    app: &App,
    actor: &Actor,
    org: Option<OrgUid>,
    uid: ProviderUid,
    version: i64,
    settings: &ProviderSettings,
    secret: Option<Secret<String>>,
) -> std::result::Result<Provider, bygone_store::Error> {
    let sealed = sealed(app, uid, secret)
        .map_err(|problem| bygone_store::Error::new(bygone_store::ErrorKind::Failed, problem.title()))?;
    app.store.providers().change(actor, org, uid, version, settings, sealed.as_deref()).await
}

fn sealed(app: &App, uid: ProviderUid, secret: Option<Secret<String>>) -> Result<Option<Vec<u8>>> {
    let seal = |secret: Secret<String>| {
        let row = uid.to_string();
        app.secrets.seal(Purpose::OidcClientSecret, &row, secret.expose().as_bytes()).map_err(unsealed)
    };
    secret.map(seal).transpose()
}
