//! `bygone login` and `bygone logout`: who one is to a server. What is kept is an API token for reading one's own files, in a
//! file that nobody else can read.

mod browser;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use bygone_client::{ApiClient, Trust};
use bygone_common::Secret;
use bygone_vault::{Error, ErrorKind, Result};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::console;
use crate::drive::failure;
use crate::exit::Outcome;
use crate::global::Global;
use crate::password::variable;

/// What the token may be used for: to find, look into, take away and put back what is in snapshots.
const SCOPES: [&str; 4] = ["sources:read", "snapshots:read", "snapshots:export", "snapshots:run"];
/// Bytes of a file with servers, a token or authorities at most.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Sign in to a server
///
/// Where people come from a provider of identities, a code is shown, which one types in a browser; elsewhere a password is
/// asked for. Then --server URL in the place of --repository shows what you may see there: mount, ls, find, cat, tar, diff,
/// history and restore read it without the repository's password.
#[derive(Debug, Args)]
pub(crate) struct Login {
    /// The server: https://backup.example
    url: String,
    /// Whose password is asked for
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Be let in by a browser, also where the server has no provider of identities
    #[arg(long, conflicts_with = "email")]
    browser: bool,
    /// A file that holds an API token, made in the portal, instead of a password; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["email", "browser"])]
    token_file: Option<PathBuf>,
}

/// Forget who one is to a server, and end the token that was kept
#[derive(Debug, Args)]
pub(crate) struct Logout {
    /// The server
    url: String,
}

/// What is kept of a server.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    token: String,
    /// The token's uid, by which it is ended; none for one that somebody else made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    /// The authority that signed the server's certificate, if it is none of the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authority: Option<String>,
}

/// Who one is to a server.
pub(crate) struct Known {
    pub(crate) token: Secret<String>,
    /// The authority to trust, in PEM form.
    pub(crate) authority: Option<String>,
}

/// What is known of a server: by the environment, or by `bygone login`.
///
/// # Errors
/// `InvalidInput`: nothing.
pub(crate) fn known(url: &str) -> Result<Known> {
    if let Some(token) = variable("BYGONE_API_TOKEN")? {
        return Ok(Known { token: Secret::new(token), authority: None });
    }
    if let Some(file) = variable("BYGONE_API_TOKEN_FILE")? {
        return Ok(Known { token: token_in(Path::new(&file))?, authority: None });
    }
    let kept = read(&place()?)?.remove(&name(url));
    let missing = || Error::new(ErrorKind::InvalidInput, format!("nobody is signed in: bygone login {url}"));
    let kept = kept.ok_or_else(missing)?;
    Ok(Known { token: Secret::new(kept.token), authority: kept.authority })
}

impl Login {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let authority = global.cacert.as_deref().map(read_authority).transpose()?;
        let trust = authority.clone().map_or(Trust::System, Trust::Authority);
        let runtime = crate::drive::runtime()?;
        let (token, uid) = match &self.token_file {
            Some(file) => {
                let token = token_in(file)?;
                let api = ApiClient::new(&self.url, &trust, Some(&token)).map_err(|error| failure(&error))?;
                // Said now that it is wrong, not when somebody looks for a lost file.
                runtime.block_on(api.get::<Value>("/portal/v1/sources?limit=1")).map_err(|error| failure(&error))?;
                (token.expose().clone(), None)
            }
            None => {
                let api = ApiClient::new(&self.url, &trust, None).map_err(|error| failure(&error))?;
                let made = match self.takes_browser(&runtime, &api)? {
                    true => browser::let_in(&runtime, &api)?,
                    false => self.make_token(&runtime, &api)?,
                };
                (made.secret, Some(made.token.uid))
            }
        };
        let file = place()?;
        let mut servers = read(&file)?;
        servers.insert(name(&self.url), Kept { token, uid, authority });
        write(&file, &servers)?;
        if !global.quiet {
            console::line(&format!("signed in to {}", name(&self.url)));
        }
        Ok(Outcome::Done)
    }

    /// Whether somebody signs in at a browser: where people come from a provider of identities, there is no password to ask
    /// for here.
    fn takes_browser(&self, runtime: &tokio::runtime::Runtime, api: &ApiClient) -> Result<bool> {
        if self.browser || self.email.is_some() {
            return Ok(self.browser);
        }
        let providers = runtime.block_on(api.get::<Vec<Value>>("/api/v1/sign-in/providers"));
        Ok(!providers.map_err(|error| failure(&error))?.is_empty())
    }

    /// Signs in by password, and has a token made.
    fn make_token(&self, runtime: &tokio::runtime::Runtime, api: &ApiClient) -> Result<Made> {
        let email = match &self.email {
            Some(email) => email.clone(),
            None => ask("e-mail address: ")?,
        };
        let password = match variable("BYGONE_SIGN_IN_PASSWORD")? {
            Some(password) => Secret::new(password),
            None => prompt(&format!("password of {email}: "))?,
        };
        let signed = match runtime.block_on(api.sign_in(&email, &password, None)) {
            Err(error) if error.code() == "second_factor_required" => {
                let code = ask("code of the second factor: ")?;
                runtime.block_on(api.sign_in(&email, &password, Some(code.trim())))
            }
            signed => signed,
        };
        let signed = signed.map_err(|error| failure(&error))?;
        let body = json!({ "name": "bygone login", "scopes": SCOPES });
        let made =
            runtime.block_on(signed.post::<Made>("/api/v1/me/tokens", &body)).map_err(|error| failure(&error))?;
        let nothing = || Error::new(ErrorKind::Io, "the server made no token");
        let made = made.ok_or_else(nothing)?;
        // The session has done what it was for; it would end by itself.
        if let Err(error) = runtime.block_on(signed.post::<Value>("/api/v1/sign-out", &json!({}))) {
            tracing::debug!(%error, "the session stays until it ends by itself");
        }
        Ok(made)
    }
}

#[derive(Deserialize)]
struct Made {
    token: MadeToken,
    secret: String,
}

#[derive(Deserialize)]
struct MadeToken {
    uid: String,
}

impl Logout {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let file = place()?;
        let mut servers = read(&file)?;
        let missing = || Error::new(ErrorKind::NotFound, format!("nobody is signed in to {}", self.url));
        let kept = servers.remove(&name(&self.url)).ok_or_else(missing)?;
        write(&file, &servers)?;
        if let Some(uid) = kept.uid {
            let trust = kept.authority.map_or(Trust::System, Trust::Authority);
            let api = ApiClient::new(&self.url, &trust, Some(&Secret::new(kept.token)));
            let api = api.map_err(|error| failure(&error))?;
            let ended = crate::drive::runtime()?.block_on(api.delete(&format!("/api/v1/me/tokens/{uid}")));
            ended.map_err(|error| failure(&error).context("forgot the token, which the server still knows"))?;
        }
        if !global.quiet {
            console::line(&format!("signed out of {}", name(&self.url)));
        }
        Ok(Outcome::Done)
    }
}

/// By what a server is known: its URL, without a slash at its end.
fn name(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

fn place() -> Result<PathBuf> {
    if let Some(folder) = variable("BYGONE_CONFIG_DIR")? {
        return Ok(Path::new(&folder).join("servers.json"));
    }
    let base = if cfg!(windows) {
        variable("APPDATA")?.map(PathBuf::from)
    } else {
        match variable("XDG_CONFIG_HOME")?.map(PathBuf::from).filter(|folder| folder.is_absolute()) {
            Some(folder) => Some(folder),
            None => variable("HOME")?.map(|home| Path::new(&home).join(".config")),
        }
    };
    let missing = || Error::new(ErrorKind::InvalidInput, "no folder for settings: set BYGONE_CONFIG_DIR");
    Ok(base.ok_or_else(missing)?.join("bygone").join("servers.json"))
}

fn read(file: &Path) -> Result<BTreeMap<String, Kept>> {
    let text = match std::fs::File::open(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        open => open.and_then(|open| {
            let mut text = String::new();
            open.take(FILE_BYTES_MAX).read_to_string(&mut text).map(|_| text)
        }),
    };
    let text = text.map_err(|error| Error::io(format!("read {}", file.display()), error))?;
    let damaged = |error| Error::new(ErrorKind::Damaged, format!("{} is damaged", file.display())).because(error);
    serde_json::from_str(&text).map_err(damaged)
}

/// Writes the file anew, readable by nobody else from its first byte on.
fn write(file: &Path, servers: &BTreeMap<String, Kept>) -> Result<()> {
    let failed = |error| Error::io(format!("write {}", file.display()), error);
    let text = serde_json::to_vec_pretty(servers).map_err(|error| failed(std::io::Error::other(error)))?;
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let new = file.with_extension(format!("new-{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&new).and_then(|mut open| {
        open.write_all(&text)?;
        open.sync_all()
    });
    let kept = written.and_then(|()| std::fs::rename(&new, file));
    if kept.is_err() {
        // What could not be put in its place is of no use to anybody.
        let _ = std::fs::remove_file(&new);
    }
    kept.map_err(failed)
}

fn token_in(file: &Path) -> Result<Secret<String>> {
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().take(FILE_BYTES_MAX).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|open| open.take(FILE_BYTES_MAX).read_to_string(&mut text))
    };
    read.map_err(|error| Error::io(format!("read the API token in {}", file.display()), error))?;
    Ok(Secret::new(text.trim().to_owned()))
}

/// The authorities in a file.
///
/// # Errors
/// It cannot be read.
pub(crate) fn read_authority(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).map_err(|error| Error::io(format!("read {}", file.display()), error))
}

fn ask(question: &str) -> Result<String> {
    let failed = |error| Error::io("ask at the terminal", error);
    console::ask(question);
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(failed)?;
    match answer.trim() {
        "" => Err(Error::new(ErrorKind::InvalidInput, "nothing was answered")),
        answer => Ok(answer.to_owned()),
    }
}

fn prompt(question: &str) -> Result<Secret<String>> {
    rpassword::prompt_password(question).map(Secret::new).map_err(|error| {
        let told = "no password: start from a terminal, or give an API token by --token-file";
        Error::new(ErrorKind::InvalidInput, told).because(error)
    })
}
