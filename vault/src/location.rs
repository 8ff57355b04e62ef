//! Where a repository lies, in restic's own syntax, so that habits and scripts carry over.
//!
//! | text | place |
//! |---|---|
//! | `/path`, `path`, `local:path`, `C:\path` | a local folder |
//! | `s3:https://host[:port]/bucket[/prefix]`, `s3:host/bucket/prefix`, `s3://host/bucket/prefix` | S3 |
//! | `sftp:[user@]host:path`, `sftp://[user@]host[:port]/path` (`//path` when absolute) | SFTP |
//! | `rest:http[s]://[user:password@]host[:port]/path/` | restic's REST server |
//!
//! Source: `internal/backend/*/config.go` of restic.

mod parse;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use bygone_common::Secret;
use url::Url;

use crate::error::{Error, Result};

/// The place of a repository. `Display` gives the text back without any password, fit for logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder of this machine.
    Local(PathBuf),
    /// A bucket, or a part of one, of an S3 server.
    S3(S3Location),
    /// A folder reached over SSH.
    Sftp(SftpLocation),
    /// A restic REST server.
    Rest(RestLocation),
}

/// A place on an S3 server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Location {
    /// Host name with an optional port, without a scheme.
    pub host: String,
    /// Whether to speak plain HTTP.
    pub plain_http: bool,
    /// The bucket.
    pub bucket: String,
    /// The path inside the bucket, without slashes at its ends; empty for the bucket itself.
    pub prefix: String,
}

/// A folder on an SSH server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SftpLocation {
    /// The user to sign in as, if the location names one.
    pub user: Option<String>,
    /// Host name or address, without brackets.
    pub host: String,
    /// The port, if the location names one.
    pub port: Option<u16>,
    /// The folder; relative ones start at the user's home.
    pub path: String,
}

/// A restic REST server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestLocation {
    /// The repository's URL without user and password; its path ends with a slash.
    pub url: Url,
    /// The user, if the location names one.
    pub user: Option<String>,
    /// The password, if the location names one.
    pub password: Option<Secret<String>>,
}

impl Location {
    /// Reads restic's syntax.
    ///
    /// # Errors
    /// `InvalidInput` for a text that names no place, `Unsupported` for a kind of storage that restic knows and we do
    /// not. The message quotes the text without its password.
    pub fn parse(text: &str) -> Result<Self> {
        parse::location(text)
    }

    /// Whether the repository lies across a network.
    pub fn is_remote(&self) -> bool {
        match self {
            Self::Local(_) => false,
            Self::S3(_) | Self::Sftp(_) | Self::Rest(_) => true,
        }
    }
}

impl FromStr for Location {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => {
                let text = path.to_string_lossy();
                // Without the scheme such a path would be read as an unknown kind of storage.
                if text.contains(':') && !parse::is_path(&text) {
                    f.write_str("local:")?;
                }
                f.write_str(&text)
            }
            Self::S3(location) => location.fmt(f),
            Self::Sftp(location) => location.fmt(f),
            Self::Rest(location) => location.fmt(f),
        }
    }
}

impl S3Location {
    /// The server's URL, without a path.
    pub fn endpoint(&self) -> String {
        let scheme = if self.plain_http { "http" } else { "https" };
        format!("{scheme}://{}", self.host)
    }
}

impl fmt::Display for S3Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3:{}/{}", self.endpoint(), self.bucket)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

impl fmt::Display for SftpLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.port.is_some() { "sftp://" } else { "sftp:" })?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        match self.port {
            Some(port) => write!(f, ":{port}/{}", self.path),
            None => write!(f, ":{}", self.path),
        }
    }
}

impl fmt::Display for RestLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.as_str();
        match (&self.user, &self.password, url.split_once("://")) {
            (None, None, _) | (_, _, None) => write!(f, "rest:{url}"),
            (user, password, Some((scheme, rest))) => {
                let user = user.as_deref().unwrap_or_default();
                let hidden = if password.is_some() { ":***" } else { "" };
                write!(f, "rest:{scheme}://{user}{hidden}@{rest}")
            }
        }
    }
}

#[cfg(test)]
mod tests;
