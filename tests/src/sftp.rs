//! Real SSH servers with SFTP: sshd, and rclone where a password is wanted (sshd would need an account of the system).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ports;
use crate::process::{Process, wait_until};
use crate::restic::Restic;
use crate::tools::tool;

/// A running sshd, for the user who runs the tests.
#[derive(Debug)]
pub struct SftpServer {
    process: Option<Process>,
    folder: tempfile::TempDir,
    port: u16,
}

impl SftpServer {
    /// Starts one with a host key and one user key of its own.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let mut server = Self { process: None, folder, port: ports::free() };
        make_key(&server.path("host_key"), "");
        make_key(&server.identity(), "");
        fs::copy(server.path("id_ed25519.pub"), server.path("authorized_keys")).unwrap();
        let known = format!("[127.0.0.1]:{} {}", server.port, read(&server.path("host_key.pub")));
        fs::write(server.known_hosts(), known).unwrap();
        let config = format!(
            "ListenAddress 127.0.0.1\nPort {}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\nUsePAM no\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n\
             Subsystem sftp internal-sftp\nMaxStartups 100\n",
            server.port,
            server.path("host_key").display(),
            server.path("authorized_keys").display(),
        );
        fs::write(server.path("sshd_config"), config).unwrap();
        server.start_again();
        server
    }

    /// Starts the server after [`stop`](Self::stop), at the same address.
    pub fn start_again(&mut self) {
        if rustix::process::geteuid().is_root() {
            // Where sshd gives up its rights; the package's own start-up makes it.
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let mut command = Command::new(tool("sshd"));
        command.arg("-D").arg("-e").arg("-f").arg(self.path("sshd_config"));
        let mut process = Process::start(&mut command, &self.path("log"));
        process.wait_until_ready(|| ports::is_open(self.port));
        self.process = Some(process);
    }

    /// Ends the server and its connections at once.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// The server's port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The user's private key.
    pub fn identity(&self) -> PathBuf {
        self.path("id_ed25519")
    }

    /// A file that knows the server.
    pub fn known_hosts(&self) -> PathBuf {
        self.path("known_hosts")
    }

    /// A file in the folder that the server's files lie in.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The location of the repository in a folder beside the server's files.
    pub fn location(&self, name: &str) -> String {
        format!("sftp://{}@127.0.0.1:{}/{}", user(), self.port, self.path(name).display())
    }

    /// restic for that repository, over the system's ssh.
    pub fn restic(&self, name: &str) -> Restic {
        let command = format!(
            "sftp.command={} -F none -p {} -i {} -o IdentitiesOnly=yes -o UserKnownHostsFile={} {}@127.0.0.1 -s sftp",
            tool("ssh").display(),
            self.port,
            self.identity().display(),
            self.known_hosts().display(),
            user(),
        );
        Restic::new(format!("sftp:{}@127.0.0.1:{}", user(), self.path(name).display())).arguments(&["-o", &command])
    }
}

/// An SSH agent that holds keys.
#[derive(Debug)]
pub struct Agent {
    socket: PathBuf,
    _process: Process,
}

impl Agent {
    /// Starts one in `folder` and gives it the private keys.
    pub fn start(folder: &Path, keys: &[&Path]) -> Self {
        let socket = folder.join("agent.socket");
        let mut process =
            Process::start(Command::new(tool("ssh-agent")).arg("-D").arg("-a").arg(&socket), &folder.join("agent.log"));
        process.wait_until_ready(|| socket.exists());
        for key in keys {
            let added = Command::new(tool("ssh-add")).arg("-q").arg(key).env("SSH_AUTH_SOCK", &socket).status();
            assert!(added.unwrap().success(), "ssh-add {}", key.display());
        }
        Self { socket, _process: process }
    }

    /// Where it listens.
    pub fn socket(&self) -> &Path {
        &self.socket
    }
}

/// A running SSH server that takes a password.
#[derive(Debug)]
pub struct PasswordServer {
    _process: Process,
    folder: tempfile::TempDir,
    port: u16,
}

impl PasswordServer {
    /// Serves `served` to one user with a password.
    pub fn start(served: &Path, user: &str, password: &str) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), ports::free());
        let host_key = folder.path().join("host_key");
        make_key(&host_key, "");
        let known = format!("[127.0.0.1]:{port} {}", read(&host_key.with_extension("pub")));
        fs::write(folder.path().join("known_hosts"), known).unwrap();
        let mut process = Process::start(
            Command::new(tool("rclone"))
                .args(["serve", "sftp", "--config", "/dev/null", "--addr", &format!("127.0.0.1:{port}")])
                .args(["--user", user, "--pass", password, "--key"])
                .arg(&host_key)
                .arg(served),
            &folder.path().join("log"),
        );
        process.wait_until_ready(|| ports::is_open(port));
        Self { _process: process, folder, port }
    }

    /// The server's port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A file that knows the server.
    pub fn known_hosts(&self) -> PathBuf {
        self.folder.path().join("known_hosts")
    }
}

/// The user who runs the tests.
pub fn user() -> String {
    let id = Command::new(tool("id")).arg("-un").output().unwrap();
    String::from_utf8(id.stdout).unwrap().trim().to_owned()
}

/// Makes a key pair at `path` and `path`.pub, encrypted when `passphrase` is not empty.
pub fn make_key(path: &Path, passphrase: &str) {
    let made =
        Command::new(tool("ssh-keygen")).args(["-q", "-t", "ed25519", "-N", passphrase, "-f"]).arg(path).status();
    assert!(made.unwrap().success(), "ssh-keygen -f {}", path.display());
    wait_until("the key to be there", || path.exists());
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}
