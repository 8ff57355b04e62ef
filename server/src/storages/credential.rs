//! Storage credentials: what of them is secret and what is not, and how they open a storage.

use std::collections::BTreeMap;

use bygone_common::Secret;
use bygone_vault::backend::BackendOptions;
use bygone_vault::backend::options::PathStyle;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::locations::LocationError;

/// Characters of any text of a credential at most: private keys are the longest.
const TEXT_CHARS_MAX: usize = 32 << 10;

/// A storage credential as somebody gives it.
#[derive(Clone, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum StorageSecret {
    /// Keys of an S3 server.
    S3 {
        /// The access key's id.
        access_key: String,
        /// The secret that belongs to it.
        secret_key: String,
        /// The bucket's region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// Whether the bucket is addressed by path and not as a host name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path_style: Option<bool>,
    },
    /// What signs in to an SSH server, and how that server is known.
    Sftp {
        /// The user, when locations name none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        /// Lines in OpenSSH's `known_hosts` format. A server that they do not know is refused.
        known_hosts: String,
        /// A private key in PEM.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        private_key: Option<String>,
        /// What the private key is encrypted with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passphrase: Option<String>,
        /// A password.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<String>,
    },
    /// What signs in to a REST server.
    Rest {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
}

impl std::fmt::Debug for StorageSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StorageSecret({})", self.kind())
    }
}

impl StorageSecret {
    /// Which kind of storage it opens.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::S3 { .. } => "s3",
            Self::Sftp { .. } => "sftp",
            Self::Rest { .. } => "rest",
        }
    }

    /// What of it anybody may see who sees the credential.
    pub fn public(&self) -> Value {
        match self {
            Self::S3 { access_key, region, path_style, secret_key: _ } => {
                json!({ "access_key": access_key, "region": region, "path_style": path_style })
            }
            Self::Sftp { user, known_hosts, private_key, passphrase: _, password } => json!({
                "user": user,
                "known_hosts": known_hosts,
                "has_private_key": private_key.is_some(),
                "has_password": password.is_some(),
            }),
            Self::Rest { user, password: _ } => json!({ "user": user }),
        }
    }

    /// All of it, as it is sealed.
    pub fn to_json(&self) -> Secret<Vec<u8>> {
        Secret::new(serde_json::to_vec(self).unwrap_or_default())
    }

    /// The field that cannot be, and why.
    ///
    /// # Errors
    /// A text is empty or too long, or nothing signs in.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let text = |field: &'static str, text: &str| match text.len() {
            0 => Err((field, format!("{field} must not be empty"))),
            long if long > TEXT_CHARS_MAX => Err((field, format!("{field} is longer than {TEXT_CHARS_MAX} bytes"))),
            _ => Ok(()),
        };
        match self {
            Self::S3 { access_key, secret_key, .. } => {
                text("access_key", access_key)?;
                text("secret_key", secret_key)
            }
            Self::Sftp { known_hosts, private_key, password, .. } => {
                text("known_hosts", known_hosts)?;
                match (private_key, password) {
                    (None, None) => Err(("private_key", "a private key or a password is needed".to_owned())),
                    (key, password) => {
                        key.as_ref().map_or(Ok(()), |key| text("private_key", key))?;
                        password.as_ref().map_or(Ok(()), |password| text("password", password))
                    }
                }
            }
            Self::Rest { user, password } => {
                text("user", user)?;
                text("password", password)
            }
        }
    }
}

/// What an agent is told that reaches the storage itself, by the names of [`BackendOptions::from_env`].
pub(super) fn environment(kind: &str, opened: &[u8]) -> Result<BTreeMap<String, Secret<String>>, LocationError> {
    let named: Vec<(&str, Option<String>)> = match read(kind, opened)? {
        StorageSecret::S3 { access_key, secret_key, region, path_style } => {
            let style = path_style.map(|on| if on { "on" } else { "off" }.to_owned());
            vec![
                ("AWS_ACCESS_KEY_ID", Some(access_key)),
                ("AWS_SECRET_ACCESS_KEY", Some(secret_key)),
                ("AWS_REGION", region),
                ("BYGONE_S3_PATH_STYLE", style),
            ]
        }
        StorageSecret::Sftp { user, known_hosts, private_key, passphrase, password } => vec![
            ("BYGONE_SFTP_USER", user),
            ("BYGONE_SFTP_KNOWN_HOSTS_LINES", Some(known_hosts)),
            ("BYGONE_SFTP_IDENTITY", private_key),
            ("BYGONE_SFTP_PASSPHRASE", passphrase),
            ("BYGONE_SFTP_PASSWORD", password),
            // What the machine's own OpenSSH is told is none of our affair.
            ("BYGONE_SFTP_CONFIG", Some("none".to_owned())),
        ],
        StorageSecret::Rest { user, password } => {
            vec![("BYGONE_REST_USERNAME", Some(user)), ("BYGONE_REST_PASSWORD", Some(password))]
        }
    };
    let said = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Secret::new(value?))));
    Ok(said.collect())
}

fn read(kind: &str, opened: &[u8]) -> Result<StorageSecret, LocationError> {
    serde_json::from_slice(opened)
        .map_err(|_| LocationError(format!("a kept {kind} credential cannot be read: give it anew")))
}

/// Puts an opened credential into the options of a storage.
pub(super) fn apply(options: &mut BackendOptions, kind: &str, opened: &[u8]) -> Result<(), LocationError> {
    match read(kind, opened)? {
        StorageSecret::S3 { access_key, secret_key, region, path_style } => {
            options.s3.access_key = Some(access_key);
            options.s3.secret_key = Some(Secret::new(secret_key));
            options.s3.region = region;
            options.s3.path_style = match path_style {
                Some(true) => PathStyle::On,
                Some(false) => PathStyle::Off,
                None => PathStyle::Auto,
            };
        }
        StorageSecret::Sftp { user, known_hosts, private_key, passphrase, password } => {
            options.sftp.user = user;
            options.sftp.known_hosts = Some(known_hosts);
            options.sftp.identity = private_key.map(Secret::new);
            options.sftp.passphrase = passphrase.map(Secret::new);
            options.sftp.password = password.map(Secret::new);
        }
        StorageSecret::Rest { user, password } => {
            options.rest.user = Some(user);
            options.rest.password = Some(Secret::new(password));
        }
    }
    Ok(())
}
