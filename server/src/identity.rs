//! Who people are: passwords and second factors, sessions, tokens, providers of identities, and how often they may ask.
//!
//! Read in this order: [`random`] (what is made up and what is kept of it), [`password`], [`totp`], [`rate`], [`cookie`] and
//! [`origin`] (what browsers send), [`session`] (from a request to who asks), [`sign_in`], [`step_up`], [`set_up`], [`oidc`].

pub(crate) mod cookie;
pub(crate) mod oidc;
pub(crate) mod origin;
pub(crate) mod password;
pub(crate) mod random;
pub(crate) mod rate;
pub(crate) mod session;
pub mod set_up;
pub(crate) mod sign_in;
pub(crate) mod step_up;
pub(crate) mod totp;

use bygone_store::Actor;

use crate::config::Config;

/// What this room keeps while the server runs.
#[derive(Debug)]
pub struct Identity {
    pub(crate) passwords: password::Passwords,
    pub(crate) limits: rate::Limits,
    pub(crate) providers: oidc::Providers,
}

impl Identity {
    /// An empty one.
    pub fn new(config: &Config) -> Self {
        Self {
            passwords: password::Passwords::new(),
            limits: rate::Limits::new(&config.limits),
            providers: oidc::Providers::new(),
        }
    }
}

/// The part of the server that looks up who asks.
pub(crate) const fn server() -> Actor {
    Actor::installation("sign-in")
}
