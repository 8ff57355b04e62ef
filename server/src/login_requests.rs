//! Programs that are let in by a browser: a program asks, shows its person a code, and waits; the person, signed in however
//! they sign in, types the code, sees who asks, and confirms; the program fetches one token, once.
//!
//! The code is typed, never part of a link: whoever is sent a link cannot be made to let somebody else's program in by one
//! click. What the program holds is another secret, so that seeing the code over a shoulder is worth nothing.

use std::net::IpAddr;

use bygone_common::Secret;
use bygone_store::api_tokens::ApiToken;
use bygone_store::login_requests::{LoginRequest, NewLoginRequest, Redeemed};
use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::correlation::Origin;
use crate::identity::{random, rate, server, step_up};
use crate::problem::Result;
use crate::signed::MySession;
use crate::tokens;

/// What a program that was let in may do: find, look into, take away and put back what is in snapshots.
pub(crate) const SCOPES: [&str; 4] = ["sources:read", "snapshots:read", "snapshots:export", "snapshots:run"];

/// For so long a request can be confirmed and redeemed.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// Seconds between two questions whether somebody has confirmed.
pub(crate) const ASK_AGAIN_SECONDS: u32 = 2;

/// Letters of a code: none of them makes a word, and none looks like another (RFC 8628, section 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// Letters of a code: 20^8 codes, of which ten may be tried.
const CODE_LETTERS: usize = 8;

/// A request that was made: its secret is for the program, its code for the person.
pub(crate) struct Made {
    pub(crate) secret: Secret<String>,
    /// As it is shown: `BCDF-GHJK`.
    pub(crate) code: String,
    pub(crate) expires_at: Timestamp,
}

/// What a program is answered.
pub(crate) enum Standing {
    /// Nobody has answered yet.
    Waiting,
    /// It is let in, with this.
    Let(Box<ApiToken>, Secret<String>),
}

/// Makes a request for a program that nobody knows.
///
/// # Errors
/// `TooManyRequests`; `Invalid`: its name; `QuotaExceeded`: too many wait.
pub(crate) async fn begin(app: &App, from: Origin, name: String) -> Result<Made> {
    let address = from.address.map(rate::network);
    app.identity.limits.login_request.take(&address.unwrap_or(IpAddr::from([0; 4])))?;
    let (secret, code) = (random::token()?, code()?);
    let new = NewLoginRequest {
        secret_hash: random::hash(secret.expose()),
        code_hash: random::hash(&code),
        name,
        expires_at: app.clock.now() + LIFETIME,
    };
    app.store.login_requests().create(&server().from_request(from.correlation, from.address), &new).await?;
    let (left, right) = code.split_at(CODE_LETTERS / 2);
    Ok(Made { secret, code: format!("{left}-{right}"), expires_at: new.expires_at })
}

/// The request of a code, for who is asked to confirm it.
///
/// # Errors
/// `NotFound`: there is none; `TooManyRequests`: too many codes were wrong.
pub(crate) async fn look(app: &App, me: &MySession, code: &str) -> Result<LoginRequest> {
    // Counted before it is looked for, and given back when it is there: only guesses cost.
    app.identity.limits.login_code.take(&me.user().uid)?;
    let found = app.store.login_requests().of_code(&server(), &random::hash(&typed(code))).await?;
    app.identity.limits.login_code.give_back(&me.user().uid);
    Ok(found)
}

/// Lets a program in, or refuses it.
///
/// # Errors
/// As for [`look`]; `StepUpRequired`: letting it in asks for the second factor, as a token of these scopes does.
pub(crate) async fn answer(app: &App, me: &MySession, code: &str, allow: bool) -> Result<()> {
    look(app, me, code).await?;
    let hash = random::hash(&typed(code));
    if allow {
        step_up::require(app, &me.proven)?;
        app.store.login_requests().confirm(me.actor(), &hash).await?;
    } else {
        app.store.login_requests().refuse(me.actor(), &hash).await?;
    }
    Ok(())
}

/// What became of a program's request; its token, once.
///
/// # Errors
/// `NotFound`: it was refused, it has ended, or its token was fetched.
pub(crate) async fn redeem(app: &App, from: Origin, secret: &str) -> Result<Standing> {
    let scopes = SCOPES.map(str::to_owned);
    // It is called as the program is.
    let (new, token) = tokens::made_up(app, String::new(), &scopes, None)?;
    let by = server().from_request(from.correlation, from.address);
    match app.store.login_requests().redeem(&by, &random::hash(secret), &new).await? {
        Redeemed::Waiting => Ok(Standing::Waiting),
        Redeemed::Token(made) => Ok(Standing::Let(made, token)),
    }
}

/// A new code, without its hyphen.
fn code() -> Result<String> {
    // Bytes above the largest multiple of 20 would make some letters likelier; they are passed over.
    let fair = u8::MAX - u8::MAX % LETTERS.len() as u8;
    let mut code = String::with_capacity(CODE_LETTERS);
    while code.len() < CODE_LETTERS {
        let [byte] = random::bytes::<1>()?;
        let letter = LETTERS.get(usize::from(byte) % LETTERS.len()).filter(|_| byte < fair);
        code.extend(letter.map(|letter| char::from(*letter)));
    }
    Ok(code)
}

/// A code as somebody typed it: whatever stands between its letters, and however large they are.
fn typed(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_alphabetic)
        .take(CODE_LETTERS + 1)
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn codes_are_typed_as_they_are_shown_or_nearly() {
        let code = code().unwrap();
        assert!(code.len() == CODE_LETTERS && code.bytes().all(|letter| LETTERS.contains(&letter)));
        assert_eq!(typed(&format!("{}-{}", &code[..4], &code[4..])), code);
        assert_eq!(typed(" bcdf ghjk\n"), "BCDFGHJK");
        assert_ne!(typed("BCDFGHJKL"), "BCDFGHJK", "a longer one is another one");
    }
}
