//! The two servers.

use crate::bench::data::PASSWORD;
use crate::bench::{Stage, measure};
use crate::signals::Running;
use crate::{folders, process};
use anyhow::{Context, Result, ensure};
use rustix::process::Pid;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to start.
const START_MAX: Duration = Duration::from_secs(30);

/// Bygone's portal to one repository.
pub(super) struct Portal {
    child: Child,
    input: Option<ChildStdin>,
    url: String,
    token: String,
    _folder: tempfile::TempDir,
    _running: Running,
}

impl Portal {
    pub(super) fn start(stage: &Stage, repository: &Path) -> Result<Self> {
        let folder = tempfile::tempdir_in(&stage.root).context("creating a folder for the portal")?;
        let mut command = stage.tools.command(folders::target()?.join("release/examples/download"))?;
        command.arg(folder.path()).arg(repository).env("RESTIC_PASSWORD", PASSWORD);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cannot start the portal")?;
        let running = Running::new(&child);
        let mut lines = BufReader::new(child.stdout.take().context("the portal's output")?).lines();
        let line = lines.next().context("the portal ended")?.context("reading what the portal says")?;
        let said: Value = serde_json::from_str(&line).context("the portal says no JSON")?;
        let text = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
        let (url, token, input) = (text("url"), text("token"), child.stdin.take());
        Ok(Self { child, input, url, token, _folder: folder, _running: running })
    }

    pub(super) fn file(&self, name: &str) -> String {
        format!("{}?path=/files/{name}", self.url)
    }

    pub(super) fn folder(&self, name: &str) -> String {
        format!("{}?path=/files/{name}&as=tar", self.url)
    }

    /// The listing of the folder that is the whole set.
    pub(super) fn listing(&self) -> String {
        self.url.replace("/download", "/tree?path=/files")
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    pub(super) fn peak_mib(&self) -> Result<f64> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("a process id")?;
        measure::peak_mib(pid)
    }

    pub(super) fn stop(mut self) -> Result<()> {
        drop(self.input.take());
        let status = self.child.wait().context("waiting for the portal")?;
        ensure!(status.success(), "the portal {}", process::ended(status));
        Ok(())
    }
}

/// nginx over a folder.
pub(super) struct Nginx {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
    _running: Running,
}

impl Nginx {
    pub(super) fn start(stage: &Stage, served: &Path) -> Result<Self> {
        let folder = tempfile::tempdir().context("creating a folder for nginx")?;
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr())?.port();
        let at = folder.path().display();
        let configuration = format!(
            "daemon off; pid {at}/pid; error_log stderr; worker_processes auto; user root;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ access_log off; sendfile on; keepalive_requests 1000000; client_body_temp_path {at}/body;\n\
             server {{ listen 127.0.0.1:{port}; root {}; }} }}\n",
            served.display()
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, configuration).context("writing nginx's configuration")?;
        let mut command = stage.tools.command("nginx")?;
        command.arg("-p").arg(folder.path()).arg("-c").arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().context("cannot start nginx")?;
        let running = Running::new(&child);
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            ensure!(begun.elapsed() < START_MAX, "nginx does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { child, port, _folder: folder, _running: running })
    }

    pub(super) fn file(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/{name}", self.port)
    }

    pub(super) fn stop(mut self) -> Result<()> {
        // Its workers end with it.
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("a process id")?;
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).context("ending nginx")?;
        self.child.wait().context("waiting for nginx").map(drop)
    }
}
