//! Options from environment variables, under restic's and AWS's names and our own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bygone_common::Secret;

use super::{BackendOptions, OpenSsh, PathStyle};
use crate::error::{Error, ErrorKind, Result};

/// Private keys that OpenSSH tries too, in `~/.ssh`.
const IDENTITY_FILES: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];
/// Where OpenSSH's files for all users lie.
const SYSTEM_SSH_FOLDER: &str = "/etc/ssh";

impl BackendOptions {
    /// Options as the environment gives them; `lookup` answers a variable's value.
    ///
    /// Our own names come first: `BYGONE_` before what follows `RESTIC_`, or before the whole of an AWS name.
    ///
    /// | variable | option |
    /// |---|---|
    /// | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | S3 keys |
    /// | `AWS_PROFILE`, `AWS_SHARED_CREDENTIALS_FILE`, `AWS_CONFIG_FILE` | S3 profile; the files default to `~/.aws` |
    /// | `AWS_REGION`, `AWS_DEFAULT_REGION` | S3 region |
    /// | `BYGONE_S3_PATH_STYLE` (`auto`, `on`, `off`), `BYGONE_S3_ANONYMOUS` (`true`, `false`) | S3 addressing and public buckets |
    /// | `BYGONE_SFTP_USER`, `BYGONE_SFTP_PORT`, `BYGONE_SFTP_PASSWORD` | SFTP |
    /// | `BYGONE_SFTP_IDENTITY_FILE`, `BYGONE_SFTP_PASSPHRASE`, `BYGONE_SFTP_KNOWN_HOSTS` | SFTP |
    /// | `BYGONE_SFTP_IDENTITY`, `BYGONE_SFTP_KNOWN_HOSTS_LINES` | SFTP; what the files of the line above hold |
    /// | `BYGONE_SFTP_CONFIG` (a file, or `none`) | SFTP; OpenSSH's own two files by default |
    /// | `SSH_AUTH_SOCK` | SSH agent |
    /// | `RESTIC_REST_USERNAME`, `RESTIC_REST_PASSWORD` | REST sign-in |
    /// | `RESTIC_CACERT`, `RESTIC_TLS_CLIENT_CERT` | authorities to trust and our certificate, for HTTPS of every kind |
    /// | `BYGONE_CONNECTIONS`, `BYGONE_TIMEOUT` (seconds), `BYGONE_RETRIES` | limits |
    ///
    /// # Errors
    /// `InvalidInput` names the variable whose value cannot be used.
    pub fn from_env(lookup: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let env = Env(&lookup);
        let home = env.first(&["HOME", "USERPROFILE"]).map(PathBuf::from);
        let mut options = Self::default();
        env.s3(&mut options, home.as_deref())?;
        env.sftp(&mut options, home.as_deref())?;
        env.rest(&mut options);
        if let Some(connections) = env.number("BYGONE_CONNECTIONS")? {
            options.limits.connections = usize::try_from(connections).unwrap_or(usize::MAX).max(1);
        }
        if let Some(seconds) = env.number("BYGONE_TIMEOUT")? {
            options.deadlines.answer = Duration::from_secs(seconds.max(1));
            options.deadlines.connect = options.deadlines.connect.min(options.deadlines.answer);
        }
        if let Some(retries) = env.number("BYGONE_RETRIES")? {
            options.retry.tries_max = u32::try_from(retries).unwrap_or(u32::MAX).saturating_add(1);
        }
        Ok(options)
    }
}

struct Env<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Env<'_> {
    /// A variable's value; an empty one counts as unset, as in restic.
    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    /// The first of several that is set.
    fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.get(name))
    }

    fn secret(&self, names: &[&str]) -> Option<Secret<String>> {
        self.first(names).map(Secret::new)
    }

    fn number(&self, name: &str) -> Result<Option<u64>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.parse() {
            Ok(number) => Ok(Some(number)),
            Err(error) => Err(invalid(name, &value, "a whole number").because(error)),
        }
    }

    fn s3(&self, options: &mut BackendOptions, home: Option<&Path>) -> Result<()> {
        let s3 = &mut options.s3;
        s3.access_key = self.first(&["BYGONE_AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"]);
        s3.secret_key = self.secret(&["BYGONE_AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"]);
        s3.session_token = self.secret(&["BYGONE_AWS_SESSION_TOKEN", "AWS_SESSION_TOKEN"]);
        s3.profile = self.first(&["BYGONE_AWS_PROFILE", "AWS_PROFILE"]);
        s3.region = self.first(&["BYGONE_AWS_REGION", "AWS_REGION", "BYGONE_AWS_DEFAULT_REGION", "AWS_DEFAULT_REGION"]);
        let aws = home.map(|home| home.join(".aws"));
        let file = |names: &[&str], name: &str| {
            self.first(names).map(PathBuf::from).or_else(|| aws.as_ref().map(|aws| aws.join(name)))
        };
        s3.credentials_files = [
            file(&["BYGONE_AWS_SHARED_CREDENTIALS_FILE", "AWS_SHARED_CREDENTIALS_FILE"], "credentials"),
            file(&["BYGONE_AWS_CONFIG_FILE", "AWS_CONFIG_FILE"], "config"),
        ]
        .into_iter()
        .flatten()
        .collect();
        s3.path_style = match self.get("BYGONE_S3_PATH_STYLE").as_deref() {
            None | Some("auto") => PathStyle::Auto,
            Some("on") => PathStyle::On,
            Some("off") => PathStyle::Off,
            Some(other) => return Err(invalid("BYGONE_S3_PATH_STYLE", other, "auto, on or off")),
        };
        s3.anonymous = match self.get("BYGONE_S3_ANONYMOUS").as_deref() {
            None | Some("false" | "0") => false,
            Some("true" | "1") => true,
            Some(other) => return Err(invalid("BYGONE_S3_ANONYMOUS", other, "true or false")),
        };
        s3.ask_platform = true;
        Ok(())
    }

    fn sftp(&self, options: &mut BackendOptions, home: Option<&Path>) -> Result<()> {
        let ssh = home.map(|home| home.join(".ssh"));
        let sftp = &mut options.sftp;
        sftp.user = self.get("BYGONE_SFTP_USER");
        sftp.port = match self.number("BYGONE_SFTP_PORT")? {
            None => None,
            Some(port) => match u16::try_from(port) {
                Ok(port) if port > 0 => Some(port),
                _ => return Err(invalid("BYGONE_SFTP_PORT", &port.to_string(), "a port from 1 to 65535")),
            },
        };
        sftp.identity_files = self.get("BYGONE_SFTP_IDENTITY_FILE").map(PathBuf::from).into_iter().collect();
        sftp.known_hosts_files = self.get("BYGONE_SFTP_KNOWN_HOSTS").map(PathBuf::from).into_iter().collect();
        let in_ssh = |names: &[&str]| -> Vec<PathBuf> {
            ssh.iter().flat_map(|ssh| names.iter().map(|name| ssh.join(name))).collect()
        };
        let system = PathBuf::from(SYSTEM_SSH_FOLDER);
        sftp.openssh = OpenSsh {
            config_files: match self.get("BYGONE_SFTP_CONFIG") {
                Some(none) if none == "none" => Vec::new(),
                Some(file) => vec![PathBuf::from(file)],
                None => [in_ssh(&["config"]), vec![system.join("ssh_config")]].concat(),
            },
            home: home.map(Path::to_owned),
            user: self.first(&["USER", "LOGNAME", "USERNAME"]),
            identity_files: in_ssh(&IDENTITY_FILES),
            known_hosts_files: in_ssh(&["known_hosts", "known_hosts2"]),
            system_known_hosts_files: vec![system.join("ssh_known_hosts")],
        };
        sftp.identity = self.secret(&["BYGONE_SFTP_IDENTITY"]);
        sftp.known_hosts = self.get("BYGONE_SFTP_KNOWN_HOSTS_LINES");
        sftp.passphrase = self.secret(&["BYGONE_SFTP_PASSPHRASE"]);
        sftp.password = self.secret(&["BYGONE_SFTP_PASSWORD"]);
        sftp.agent_socket = self.get("SSH_AUTH_SOCK").map(PathBuf::from);
        Ok(())
    }

    fn rest(&self, options: &mut BackendOptions) {
        let rest = &mut options.rest;
        rest.user = self.first(&["BYGONE_REST_USERNAME", "RESTIC_REST_USERNAME"]);
        rest.password = self.secret(&["BYGONE_REST_PASSWORD", "RESTIC_REST_PASSWORD"]);
        let tls = &mut options.tls;
        tls.ca_file = self.first(&["BYGONE_CACERT", "RESTIC_CACERT"]).map(PathBuf::from);
        tls.client_certificate_file =
            self.first(&["BYGONE_TLS_CLIENT_CERT", "RESTIC_TLS_CLIENT_CERT"]).map(PathBuf::from);
    }
}

fn invalid(name: &str, value: &str, expected: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("environment variable {name}: {value:?} is not {expected}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn from(variables: &[(&str, &str)]) -> Result<BackendOptions> {
        let found = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        BackendOptions::from_env(found)
    }

    #[test]
    fn names_of_restic_and_aws_are_honored() {
        let options = from(&[
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("RESTIC_REST_USERNAME", "joe"),
            ("RESTIC_CACERT", "/ca.pem"),
            ("HOME", "/home/joe"),
        ])
        .unwrap();
        assert_eq!(options.s3.access_key.as_deref(), Some("key"));
        assert_eq!(options.s3.secret_key.unwrap().expose(), "secret");
        assert_eq!(options.s3.region.as_deref(), Some("eu-west-1"));
        assert_eq!(options.s3.credentials_files.first().unwrap(), Path::new("/home/joe/.aws/credentials"));
        assert_eq!(options.rest.user.as_deref(), Some("joe"));
        assert_eq!(options.tls.ca_file.as_deref(), Some(Path::new("/ca.pem")));
        let openssh = options.sftp.openssh;
        assert_eq!(openssh.identity_files.first().unwrap(), Path::new("/home/joe/.ssh/id_ed25519"));
        assert_eq!(openssh.config_files, ["/home/joe/.ssh/config", "/etc/ssh/ssh_config"].map(PathBuf::from));
        assert!(options.sftp.identity_files.is_empty() && options.sftp.known_hosts_files.is_empty());
    }

    #[test]
    fn our_own_names_come_first_and_empty_values_do_not_count() {
        let options = from(&[
            ("AWS_ACCESS_KEY_ID", "key"),
            ("BYGONE_AWS_ACCESS_KEY_ID", "ours"),
            ("RESTIC_REST_PASSWORD", "theirs"),
            ("BYGONE_REST_PASSWORD", ""),
        ])
        .unwrap();
        assert_eq!(options.s3.access_key.as_deref(), Some("ours"));
        assert_eq!(options.rest.password.unwrap().expose(), "theirs");
    }

    #[test]
    fn a_value_that_cannot_be_used_is_refused_by_name() {
        for (name, value) in
            [("BYGONE_SFTP_PORT", "70000"), ("BYGONE_S3_PATH_STYLE", "yes"), ("BYGONE_TIMEOUT", "soon")]
        {
            let error = from(&[(name, value)]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
