//! Being let in by somebody in a browser, who is signed in there however they sign in: this program shows a code, and waits
//! until it was typed and confirmed.

use std::process::{Command, Stdio};
use std::time::Duration;

use bygone_client::ApiClient;
use bygone_vault::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde_json::json;
use tokio::runtime::Runtime;

use super::{Made, MadeToken};
use crate::console;
use crate::drive::failure;
use crate::password::variable;

/// Waiting between two questions takes at least so long, whatever the server says, and at most.
const INTERVAL_SECONDS: (u64, u64) = (1, 30);
/// Characters of a machine's name that the server is told at most.
const NAME_CHARS_MAX: usize = 100;

/// What the server made of the request.
#[derive(Deserialize)]
struct Begun {
    secret: String,
    code: String,
    path: String,
    interval_seconds: u64,
}

/// What became of it.
#[derive(Deserialize)]
struct Redeemed {
    token: Option<MadeToken>,
    secret: Option<String>,
}

/// Asks to be let in, shows where and with which code, and waits for the token.
///
/// # Errors
/// What the server answers; `Denied`: it was refused, or nobody confirmed it in time.
pub(super) fn let_in(runtime: &Runtime, api: &ApiClient) -> Result<Made> {
    let body = json!({ "name": name() });
    let begun = runtime.block_on(api.post::<Begun>("/api/v1/login-requests", &body));
    let begun = begun.map_err(|error| failure(&error))?.ok_or_else(nothing)?;
    let url = format!("{}{}", api.url().trim_end_matches('/'), begun.path);
    console::line(&format!("Open {url} in a browser, and type this code there: {}", begun.code));
    open(&url);
    let (least, most) = INTERVAL_SECONDS;
    let interval = Duration::from_secs(begun.interval_seconds.clamp(least, most));
    let body = json!({ "secret": begun.secret });
    loop {
        runtime.block_on(async { tokio::time::sleep(interval).await });
        match runtime.block_on(api.post::<Redeemed>("/api/v1/login-requests/redeem", &body)) {
            Ok(Some(Redeemed { token: Some(token), secret: Some(secret) })) => return Ok(Made { token, secret }),
            Ok(_) => {}
            // The server restarts, or the network is away for a moment; the request ends by itself.
            Err(error) if error.kind().is_transient() => tracing::debug!(%error, "asked in vain"),
            Err(error) if error.kind() == bygone_client::ErrorKind::NotFound => {
                return Err(Error::new(ErrorKind::Denied, "it was refused in the browser, or not confirmed in time"));
            }
            Err(error) => return Err(failure(&error)),
        }
    }
}

fn nothing() -> Error {
    Error::new(ErrorKind::Io, "the server answers nothing")
}

/// By what whoever confirms knows this program.
fn name() -> String {
    let machine = bygone_vault::capture::machine_name();
    let machine: String = machine.chars().filter(|char| !char.is_control()).take(NAME_CHARS_MAX).collect();
    format!("bygone on {machine}")
}

/// Opens a browser where there is one to be seen. Whether it opens is not known: the address was shown anyway.
fn open(url: &str) {
    let Some(mut command) = opener() else { return };
    let started = command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    match started {
        // Nobody waits for a browser; what is left of it goes with this program.
        Ok(_) => {}
        Err(error) => tracing::debug!(%error, "no browser opens"),
    }
}

/// The program that opens a URL with what the person has chosen.
fn opener() -> Option<Command> {
    if cfg!(windows) {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        return Some(command);
    }
    if cfg!(target_os = "macos") {
        return Some(Command::new("open"));
    }
    // Without a screen there is no browser to open, but perhaps one of text in this very terminal.
    let is_set = |name| matches!(variable(name), Ok(Some(_)));
    (is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")).then(|| Command::new("xdg-open"))
}
