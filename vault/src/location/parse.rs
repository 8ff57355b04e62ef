//! Reading the location syntax.

use std::path::PathBuf;

use bygone_common::Secret;
use percent_encoding::percent_decode_str;
use url::Url;

use super::{Location, RestLocation, S3Location, SftpLocation};
use crate::error::{Error, ErrorKind, Result};

/// Kinds of storage that restic knows and we do not.
const UNSUPPORTED: [&str; 5] = ["azure", "b2", "gs", "rclone", "swift"];

pub(super) fn location(text: &str) -> Result<Location> {
    if text.is_empty() {
        return Err(Error::new(ErrorKind::InvalidInput, "the repository's location is empty"));
    }
    if is_path(text) {
        return Ok(Location::Local(PathBuf::from(text)));
    }
    let Some((scheme, rest)) = text.split_once(':') else { return Ok(Location::Local(PathBuf::from(text))) };
    match scheme {
        "local" if rest.is_empty() => Err(invalid(text, "it names no folder")),
        "local" => Ok(Location::Local(PathBuf::from(rest))),
        "s3" => s3(text, rest).map(Location::S3),
        "sftp" => sftp(text, rest).map(Location::Sftp),
        "rest" => rest_server(text, rest).map(Location::Rest),
        _ if UNSUPPORTED.contains(&scheme) => Err(Error::new(
            ErrorKind::Unsupported,
            format!("location {:?}: storage of the kind {scheme:?} is not supported", without_password(text)),
        )),
        _ => Err(invalid(
            text,
            "it starts with no known kind of storage (local, s3, sftp, rest); a local folder of that name is written local:NAME",
        )),
    }
}

/// Whether a text can only be a local path, though it may hold a colon.
pub(super) fn is_path(text: &str) -> bool {
    if ["/", "\\", "../", "..\\"].iter().any(|start| text.starts_with(start)) {
        return true;
    }
    matches!(text.as_bytes(), [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic())
}

/// `s3:` and what follows: a URL, or `[//]host/bucket[/prefix]`, which means HTTPS.
fn s3(text: &str, rest: &str) -> Result<S3Location> {
    let (host, plain_http, path) = if rest.starts_with("http://") || rest.starts_with("https://") {
        let url = Url::parse(rest).map_err(|error| invalid(text, "its URL is malformed").because(error))?;
        refuse_userinfo(text, &url, "give the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")?;
        refuse_query(text, &url)?;
        let path = decoded(text, url.path())?;
        let host = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => return Err(invalid(text, "it names no host")),
        };
        (host, url.scheme() == "http", path)
    } else {
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if host.contains('@') {
            return Err(invalid(text, "give the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"));
        }
        (host.to_owned(), false, path.to_owned())
    };
    if host.is_empty() {
        return Err(invalid(text, "it names no host"));
    }
    let path = path.strip_prefix('/').unwrap_or(&path);
    let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
    if bucket.is_empty() {
        return Err(invalid(text, "it names no bucket"));
    }
    let prefix = match clean(prefix) {
        clean if clean == "." => String::new(),
        clean if clean == ".." || clean.starts_with("../") => {
            return Err(invalid(text, "its prefix leaves the bucket"));
        }
        clean => clean.trim_start_matches('/').to_owned(),
    };
    Ok(S3Location { host, plain_http, bucket: bucket.to_owned(), prefix })
}

/// `sftp:[user@]host:path` or `sftp://[user@]host[:port]/path`.
fn sftp(text: &str, rest: &str) -> Result<SftpLocation> {
    let location = if rest.starts_with("//") { sftp_url(text)? } else { sftp_scp(text, rest)? };
    if location.host.is_empty() {
        return Err(invalid(text, "it names no host"));
    }
    if location.path.starts_with('~') {
        return Err(invalid(
            text,
            "its path starts with a tilde, which SFTP servers do not expand; a relative path starts at the user's home",
        ));
    }
    Ok(location)
}

fn sftp_url(text: &str) -> Result<SftpLocation> {
    let url = Url::parse(text).map_err(|error| invalid(text, "its URL is malformed").because(error))?;
    if url.password().is_some() {
        return Err(invalid(text, "a password does not belong here; give it in BYGONE_SFTP_PASSWORD"));
    }
    refuse_query(text, &url)?;
    let path = decoded(text, url.path())?;
    let Some(path) = path.strip_prefix('/') else { return Err(invalid(text, "it names no folder")) };
    let user = match url.username() {
        "" => None,
        user => Some(decoded(text, user)?),
    };
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    Ok(SftpLocation { user, host: decoded(text, host)?, port: url.port(), path: clean(path) })
}

fn sftp_scp(text: &str, rest: &str) -> Result<SftpLocation> {
    // An address in brackets holds colons of its own: user@[::1]:path.
    let colon = match rest.find("]:") {
        Some(bracket) if rest.split('@').next_back().is_some_and(|host| host.starts_with('[')) => Some(bracket + 1),
        _ => rest.find(':'),
    };
    let Some((authority, path)) = colon.and_then(|at| Some((rest.get(..at)?, rest.get(at + 1..)?))) else {
        return Err(invalid(text, "it must be sftp:[user@]host:path"));
    };
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user.to_owned()), host),
        None => (None, authority),
    };
    if user.as_deref() == Some("") {
        return Err(invalid(text, "it names an empty user"));
    }
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    Ok(SftpLocation { user, host, port: None, path: clean(path) })
}

fn rest_server(text: &str, rest: &str) -> Result<RestLocation> {
    if !rest.starts_with("http://") && !rest.starts_with("https://") {
        return Err(invalid(text, "it must be rest:http://… or rest:https://…"));
    }
    let mut url = Url::parse(rest).map_err(|error| invalid(text, "its URL is malformed").because(error))?;
    refuse_query(text, &url)?;
    let user = match url.username() {
        "" => None,
        user => Some(decoded(text, user)?),
    };
    let password = match url.password() {
        Some(password) => Some(Secret::new(decoded(text, password)?)),
        None => None,
    };
    let stripped = url.set_username("").and_then(|()| url.set_password(None));
    if stripped.is_err() || url.host_str().is_none() {
        return Err(invalid(text, "it names no host"));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(RestLocation { url, user, password })
}

fn refuse_userinfo(text: &str, url: &Url, hint: &str) -> Result<()> {
    if url.username().is_empty() && url.password().is_none() { Ok(()) } else { Err(invalid(text, hint)) }
}

fn refuse_query(text: &str, url: &Url) -> Result<()> {
    if url.query().is_none() && url.fragment().is_none() {
        Ok(())
    } else {
        Err(invalid(text, "its URL holds a query (?) or a fragment (#)"))
    }
}

fn decoded(text: &str, part: &str) -> Result<String> {
    match percent_decode_str(part).decode_utf8() {
        Ok(part) => Ok(part.into_owned()),
        Err(error) => Err(invalid(text, "a %-escape in it is not UTF-8").because(error)),
    }
}

/// The shortest path of the same meaning, as Go's `path.Clean` makes it: restic stores under that name.
fn clean(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|last| *last != "..") => {
                names.pop();
            }
            ".." if absolute => {}
            name => names.push(name),
        }
    }
    match (absolute, names.is_empty()) {
        (true, _) => format!("/{}", names.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => names.join("/"),
    }
}

fn invalid(text: &str, why: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("location {:?}: {why}", without_password(text)))
}

/// The text with whatever stands where a password could stand replaced. The text may be malformed, so this hides too much
/// rather than too little.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("//") else { return text.to_owned() };
    let Some((userinfo, host)) = rest.rsplit_once('@') else { return text.to_owned() };
    match userinfo.split_once(':') {
        Some((user, _)) => format!("{scheme}//{user}:***@{host}"),
        None => text.to_owned(),
    }
}
