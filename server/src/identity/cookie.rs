//! Cookies: of the session, of a browser that is known, and of a sign-in that is under way.

use axum::http::{HeaderMap, HeaderValue, header};
use bygone_common::{Secret, UserUid};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::App;
use crate::config::{Config, TlsConfig};
use crate::problem::{Problem, ProblemCode, Result};
use crate::secrets::Purpose;

/// For how long a browser stays known.
const DEVICE_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 180);
/// Bytes of a cookie's value at most: browsers keep 4 KiB.
const VALUE_BYTES_MAX: usize = 4_000;

/// What a cookie is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Jar {
    /// A session.
    Session,
    /// A browser that is known.
    Device,
    /// A sign-in at a provider that is under way.
    Flight,
}

impl Jar {
    /// Its name. `__Host-` binds a cookie to this host and to HTTPS; without TLS, which only loopback may be, browsers would
    /// refuse it.
    const fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-bygone",
            (Self::Session, false) => "bygone",
            (Self::Device, true) => "__Host-bygone-device",
            (Self::Device, false) => "bygone-device",
            (Self::Flight, true) => "__Host-bygone-flight",
            (Self::Flight, false) => "bygone-flight",
        }
    }
}

/// Whether browsers reach this server by HTTPS.
pub(crate) fn is_secure(config: &Config) -> bool {
    config.tls != TlsConfig::Off || config.server.public_url.as_ref().is_some_and(|url| url.starts_with("https:"))
}

/// The value of a cookie that was sent.
pub(crate) fn read(app: &App, headers: &HeaderMap, jar: Jar) -> Option<Secret<String>> {
    let name = jar.name(is_secure(&app.config));
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name)?;
    (value.len() <= VALUE_BYTES_MAX).then(|| Secret::new(value.to_owned()))
}

/// A cookie to set for some seconds.
pub(crate) fn set(app: &App, jar: Jar, value: &Secret<String>, seconds: i64) -> Result<HeaderValue> {
    written(app, jar, value.expose(), seconds)
}

/// A cookie to forget.
pub(crate) fn clear(app: &App, jar: Jar) -> Result<HeaderValue> {
    written(app, jar, "", 0)
}

fn written(app: &App, jar: Jar, value: &str, seconds: i64) -> Result<HeaderValue> {
    let secure = is_secure(&app.config);
    let name = jar.name(secure);
    let only_https = if secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{only_https}");
    let mut header = HeaderValue::from_str(&text)
        .map_err(|_| Problem::new(ProblemCode::Internal, "the server failed; its log says how"))?;
    header.set_sensitive(true);
    Ok(header)
}

/// A browser with which a person signed in before.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Device {
    /// Which one: its attempts are counted apart.
    pub(crate) id: String,
    user: UserUid,
    /// A password that was changed since makes the browser a stranger.
    at: Timestamp,
}

/// The row that a known browser's cookie is sealed for: all of them, as nothing of it is kept.
const DEVICE_ROW: &str = "device";

/// The cookie by which a browser is known from now on.
pub(crate) fn know_device(app: &App, user: UserUid) -> Result<HeaderValue> {
    let id = super::random::token()?;
    let device = Device { id: id.expose().clone(), user, at: app.clock.now() };
    set(app, Jar::Device, &sealed(app, DEVICE_ROW, &device)?, DEVICE_LIFETIME.as_secs())
}

/// The browser, if this person signed in with it before, and did not choose another password since.
pub(crate) fn device(app: &App, headers: &HeaderMap, user: UserUid, password_at: Option<Timestamp>) -> Option<Device> {
    let device: Device = opened(app, DEVICE_ROW, &read(app, headers, Jar::Device)?)?;
    let now = app.clock.now();
    let is_known = device.user == user
        && now.duration_since(device.at) < DEVICE_LIFETIME
        && password_at.is_none_or(|changed| changed <= device.at);
    is_known.then_some(device)
}

/// Something for a browser to keep that it can neither read nor change.
pub(crate) fn sealed<T: Serialize>(app: &App, row: &str, value: &T) -> Result<Secret<String>> {
    let failed = |_| Problem::new(ProblemCode::Internal, "the server failed; its log says how");
    let plain = Secret::new(serde_json::to_vec(value).map_err(|_| failed(()))?);
    let sealed = app.secrets.seal(Purpose::OidcTokens, row, plain.expose()).map_err(|fault| {
        tracing::error!(error = %fault, "sealing a cookie failed");
        failed(())
    })?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(sealed)))
}

/// The same, taken back. What somebody else wrote is nothing.
pub(crate) fn opened<T: DeserializeOwned>(app: &App, row: &str, value: &Secret<String>) -> Option<T> {
    let sealed = URL_SAFE_NO_PAD.decode(value.expose()).ok()?;
    let plain = app.secrets.open(Purpose::OidcTokens, row, &sealed).ok()?;
    serde_json::from_slice(plain.expose()).ok()
}
