//! Proving who we are to an SSH server: agent, identity files, password, in that order.

use std::path::PathBuf;
use std::sync::Arc;

use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg, decode_secret_key, load_secret_key};
use russh::{MethodKind, MethodSet};

use super::failure;
use super::host_key::Checker;
use crate::backend::options::SftpOptions;
use crate::error::{Error, ErrorKind, Result};

/// Rounds of questions that a server may ask for one password.
const QUESTION_ROUNDS_MAX: usize = 5;

/// What is left to try, and what was tried.
struct Attempt<'a> {
    ssh: &'a mut Handle<Checker>,
    user: &'a str,
    doing: &'a str,
    methods: MethodSet,
    tried: Vec<String>,
}

/// Signs in as `user`.
///
/// # Errors
/// `Denied` lists what was tried; `Unavailable` when the connection broke meanwhile.
pub(super) async fn sign_in(
    ssh: &mut Handle<Checker>,
    user: &str,
    identity_files: &[PathBuf],
    options: &SftpOptions,
    doing: &str,
) -> Result<()> {
    let mut attempt = Attempt { ssh, user, doing, methods: MethodSet::empty(), tried: Vec::new() };
    // Asking without any proof tells which kinds of proof the server takes.
    let answer = attempt.ssh.authenticate_none(user).await;
    let done = attempt.note(answer)?
        || attempt.agent(options).await?
        || attempt.identity(options).await?
        || attempt.identity_files(identity_files, options).await?
        || attempt.password(options).await?
        || attempt.questions(options).await?;
    if done { Ok(()) } else { Err(attempt.refused()) }
}

impl Attempt<'_> {
    fn takes(&self, method: MethodKind) -> bool {
        self.methods.contains(&method)
    }

    /// Whether an answer is success.
    fn note(&mut self, answer: Result<AuthResult, russh::Error>) -> Result<bool> {
        match answer.map_err(|error| failure::ssh(self.doing, error))? {
            AuthResult::Success => Ok(true),
            // The library answers so, too, when the connection is gone.
            AuthResult::Failure { .. } if self.ssh.is_closed() => {
                let context = match self.tried.len() {
                    0 => format!("{}: the server closed the connection", self.doing),
                    // Servers hang up after some refused keys (MaxAuthTries), which trying again would not change.
                    _ => return Err(self.refused()),
                };
                Err(Error::new(ErrorKind::Unavailable, context))
            }
            AuthResult::Failure { remaining_methods, .. } => {
                self.methods = remaining_methods;
                Ok(false)
            }
        }
    }

    /// The hash that the server takes RSA signatures with.
    async fn rsa_hash(&self) -> Option<HashAlg> {
        match self.ssh.best_supported_rsa_hash().await {
            Ok(Some(hash)) => hash,
            // Every server of the last ten years takes SHA-256; SHA-1 is no longer offered to anyone.
            Ok(None) | Err(_) => Some(HashAlg::Sha256),
        }
    }

    #[cfg(unix)]
    async fn agent(&mut self, options: &SftpOptions) -> Result<bool> {
        use russh::keys::agent::AgentIdentity;
        use russh::keys::agent::client::AgentClient;

        let Some(socket) = options.agent_socket.as_ref().filter(|_| self.takes(MethodKind::PublicKey)) else {
            return Ok(false);
        };
        let keys = async {
            let mut agent = AgentClient::connect_uds(socket).await?;
            let keys = agent.request_identities().await?;
            Ok::<_, russh::keys::Error>((agent, keys))
        };
        let (mut agent, keys) = match keys.await {
            Ok(answer) => answer,
            Err(error) => {
                self.tried.push(format!("agent at {} ({error})", socket.display()));
                return Ok(false);
            }
        };
        let hash = self.rsa_hash().await;
        for identity in keys {
            let AgentIdentity::PublicKey { key, comment } = identity else { continue };
            if !self.takes(MethodKind::PublicKey) {
                break;
            }
            let hash = hash.filter(|_| key.algorithm().is_rsa());
            self.tried.push(format!("agent key {comment:?}"));
            match self.ssh.authenticate_publickey_with(self.user, key, hash, &mut agent).await {
                Ok(answer) => {
                    if self.note(Ok(answer))? {
                        return Ok(true);
                    }
                }
                Err(error) => self.tried.push(format!("agent key {comment:?} ({error})")),
            }
        }
        Ok(false)
    }

    #[cfg(not(unix))]
    #[allow(clippy::unused_async)]
    async fn agent(&mut self, options: &SftpOptions) -> Result<bool> {
        if let Some(socket) = &options.agent_socket {
            self.tried.push(format!("agent at {} (agents are used on Unix only)", socket.display()));
        }
        Ok(false)
    }

    async fn identity_files(&mut self, files: &[PathBuf], options: &SftpOptions) -> Result<bool> {
        for path in files.iter().filter(|path| path.exists()) {
            if !self.takes(MethodKind::PublicKey) {
                break;
            }
            let passphrase = options.passphrase.as_ref().map(|passphrase| passphrase.expose().as_str());
            let key = match load_secret_key(path, passphrase) {
                Ok(key) => key,
                Err(error) => {
                    self.tried.push(format!("{} ({error})", path.display()));
                    continue;
                }
            };
            if self.key(key, path.display().to_string()).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn identity(&mut self, options: &SftpOptions) -> Result<bool> {
        let Some(pem) = options.identity.as_ref().filter(|_| self.takes(MethodKind::PublicKey)) else {
            return Ok(false);
        };
        let passphrase = options.passphrase.as_ref().map(|passphrase| passphrase.expose().as_str());
        match decode_secret_key(pem.expose(), passphrase) {
            Ok(key) => self.key(key, "the key given".to_owned()).await,
            Err(error) => {
                self.tried.push(format!("the key given ({error})"));
                Ok(false)
            }
        }
    }

    async fn key(&mut self, key: PrivateKey, name: String) -> Result<bool> {
        let hash = self.rsa_hash().await.filter(|_| key.algorithm().is_rsa());
        self.tried.push(name);
        let answer = self.ssh.authenticate_publickey(self.user, PrivateKeyWithHashAlg::new(Arc::new(key), hash)).await;
        self.note(answer)
    }

    async fn password(&mut self, options: &SftpOptions) -> Result<bool> {
        let Some(password) = options.password.as_ref().filter(|_| self.takes(MethodKind::Password)) else {
            return Ok(false);
        };
        self.tried.push("password".to_owned());
        let answer = self.ssh.authenticate_password(self.user, password.expose()).await;
        self.note(answer)
    }

    /// The same password, for servers that ask for it as a question.
    async fn questions(&mut self, options: &SftpOptions) -> Result<bool> {
        let asks = self.takes(MethodKind::KeyboardInteractive);
        let Some(password) = options.password.as_ref().filter(|_| asks) else { return Ok(false) };
        self.tried.push("keyboard-interactive".to_owned());
        let mut answer = self.ssh.authenticate_keyboard_interactive_start(self.user, None).await;
        for _ in 0..QUESTION_ROUNDS_MAX {
            match answer.map_err(|error| failure::ssh(self.doing, error))? {
                KeyboardInteractiveAuthResponse::Success => return Ok(true),
                KeyboardInteractiveAuthResponse::Failure { .. } => return Ok(false),
                KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => {
                    // A question whose answer may be shown is not one for the password.
                    let replies = prompts
                        .iter()
                        .map(|prompt| if prompt.echo { String::new() } else { password.expose().clone() })
                        .collect();
                    answer = self.ssh.authenticate_keyboard_interactive_respond(replies).await;
                }
            }
        }
        Ok(false)
    }

    fn refused(&self) -> Error {
        let tried = if self.tried.is_empty() { "nothing to sign in with".to_owned() } else { self.tried.join(", ") };
        let methods: Vec<&str> = self.methods.iter().map(Into::into).collect();
        let takes =
            if methods.is_empty() { String::new() } else { format!("; the server takes {}", methods.join(", ")) };
        let context = format!("{}: sign-in as {:?} refused (tried: {tried}{takes})", self.doing, self.user);
        Error::new(ErrorKind::Denied, context)
    }
}
