//! A real REST server for restic: rclone's.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::certificates::Certificates;
use crate::ports;
use crate::process::Process;
use crate::restic::Restic;
use crate::tools::tool;

/// The user that a server with sign-in knows.
pub const USER: &str = "joe";
/// The user's password, with characters that a URL must escape.
pub const PASSWORD: &str = "s3cr/t:pa@ss";
/// The same, as it stands in a URL.
pub const PASSWORD_IN_URL: &str = "s3cr%2Ft%3Apa%40ss";

/// How a server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// HTTP, by anybody.
    Open,
    /// HTTP, by anybody, who may add but neither change nor remove (other than locks).
    AppendOnly,
    /// HTTP, by [`USER`] with [`PASSWORD`].
    SignIn,
    /// HTTPS with a certificate of the test's own authority, by anybody.
    Tls,
    /// The same, by holders of a certificate of that authority.
    ClientCertificate,
}

/// A running `rclone serve restic`.
#[derive(Debug)]
pub struct RestServer {
    process: Option<Process>,
    folder: tempfile::TempDir,
    port: u16,
    reach: Reach,
    certificates: Option<Certificates>,
}

impl RestServer {
    /// Starts one over an empty folder.
    pub fn start(reach: Reach) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificates = match reach {
            Reach::Open | Reach::AppendOnly | Reach::SignIn => None,
            Reach::Tls | Reach::ClientCertificate => Some(Certificates::make(folder.path())),
        };
        let mut server = Self { process: None, folder, port: ports::free(), reach, certificates };
        server.start_again();
        server
    }

    /// Starts the server after [`stop`](Self::stop), at the same address and with the same content.
    pub fn start_again(&mut self) {
        let mut command = Command::new(tool("rclone"));
        command.args(["serve", "restic", "--config", "/dev/null", "--addr", &format!("127.0.0.1:{}", self.port)]);
        if self.reach == Reach::SignIn {
            command.args(["--user", USER, "--pass", PASSWORD]);
        }
        if self.reach == Reach::AppendOnly {
            command.arg("--append-only");
        }
        if let Some(certificates) = &self.certificates {
            command.arg("--cert").arg(certificates.server()).arg("--key").arg(certificates.server_key());
            if self.reach == Reach::ClientCertificate {
                command.arg("--client-ca").arg(certificates.authority());
            }
        }
        command.arg(self.served());
        let mut process = Process::start(&mut command, &self.folder.path().join("log"));
        process.wait_until_ready(|| ports::is_open(self.port));
        self.process = Some(process);
    }

    /// Ends the server at once.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// The server's port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder that the server serves.
    pub fn served(&self) -> PathBuf {
        self.folder.path().join("served")
    }

    /// The folder for whatever a test keeps beside the server.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The certificates of a server with TLS.
    ///
    /// # Panics
    /// For a server without.
    pub fn certificates(&self) -> &Certificates {
        self.certificates.as_ref().expect("a server with TLS")
    }

    /// The location of a repository on the server, without user and password.
    pub fn location(&self, path: &str) -> String {
        let scheme = if self.certificates.is_some() { "https" } else { "http" };
        format!("rest:{scheme}://127.0.0.1:{}/{path}/", self.port)
    }

    /// restic for that repository, with whatever this server asks for.
    pub fn restic(&self, path: &str) -> Restic {
        let restic = Restic::new(self.location(path));
        match (&self.certificates, self.reach) {
            (None, Reach::SignIn) => restic.env("RESTIC_REST_USERNAME", USER).env("RESTIC_REST_PASSWORD", PASSWORD),
            (None, _) => restic,
            (Some(certificates), _) => {
                let (authority, client) = (certificates.authority(), certificates.client());
                restic.arguments(&[
                    "--cacert",
                    authority.to_str().unwrap(),
                    "--tls-client-cert",
                    client.to_str().unwrap(),
                ])
            }
        }
    }
}
