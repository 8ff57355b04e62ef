//! A real S3 server: SeaweedFS.

mod signed;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use crate::certificates::Certificates;
use crate::ports;
use crate::process::Process;
use crate::restic::Restic;
use crate::tools::tool;

pub use signed::{Answer, Request};

/// The key that may do everything.
pub const ACCESS_KEY: &str = "testkey";
/// Its secret.
pub const SECRET_KEY: &str = "testsecret1234";
/// The key that may write, lock and hold objects, but neither make buckets nor lift a governance retention.
pub const WRITER_ACCESS_KEY: &str = "wkey";
/// Its secret.
pub const WRITER_SECRET_KEY: &str = "wsecret1234";
/// The bucket that anybody may read and write.
pub const PUBLIC_BUCKET: &str = "public";

/// A running SeaweedFS with its S3 side.
#[derive(Debug)]
pub struct S3Server {
    process: Option<Process>,
    folder: tempfile::TempDir,
    certificates: Certificates,
    ports: [u16; 11],
}

impl S3Server {
    /// Starts one without buckets. It takes some seconds and much memory: let a test share it.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        let identities = format!(
            r#"{{"identities":[
                {{"name":"admin","credentials":[{{"accessKey":"{ACCESS_KEY}","secretKey":"{SECRET_KEY}"}}],
                  "actions":["Admin","Read","List","Tagging","Write"]}},
                {{"name":"writer","credentials":[{{"accessKey":"{WRITER_ACCESS_KEY}","secretKey":"{WRITER_SECRET_KEY}"}}],
                  "actions":["Read","List","Write","PutObjectRetention","GetObjectRetention","PutObjectLegalHold",
                    "GetObjectLegalHold","GetBucketObjectLockConfiguration"]}},
                {{"name":"anonymous","actions":["Read:{PUBLIC_BUCKET}","List:{PUBLIC_BUCKET}","Write:{PUBLIC_BUCKET}"]}}]}}"#
        );
        fs::write(folder.path().join("identities.json"), identities).unwrap();
        let certificates = Certificates::make(folder.path());
        let mut server = Self { process: None, folder, certificates, ports: std::array::from_fn(|_| ports::free()) };
        server.start_again();
        server
    }

    /// Starts the server after [`stop`](Self::stop), at the same address and with the same content.
    pub fn start_again(&mut self) {
        let folder = self.folder.path();
        let [s3, s3_grpc, iceberg, lance, master, master_grpc, volume, volume_grpc, filer, filer_grpc, https] =
            self.ports;
        let mut process = Process::start(
            Command::new(tool("weed")).current_dir(folder).args([
                format!("-logdir={}", folder.display()),
                "server".to_owned(),
                "-ip=127.0.0.1".to_owned(),
                "-ip.bind=127.0.0.1".to_owned(),
                format!("-dir={}", folder.join("data").display()),
                "-master.volumeSizeLimitMB=64".to_owned(),
                "-master.telemetry=false".to_owned(),
                "-volume.max=20".to_owned(),
                // As it comes, it takes no writes while less than 1 % of the disk is free, however much that is.
                "-volume.minFreeSpace=64MiB".to_owned(),
                "-filer".to_owned(),
                "-s3".to_owned(),
                format!("-s3.config={}", folder.join("identities.json").display()),
                format!("-s3.localSocket={}", folder.join("s3.sock").display()),
                format!("-filer.localSocket={}", folder.join("filer.sock").display()),
                format!("-s3.port={s3}"),
                format!("-s3.port.https={https}"),
                format!("-s3.cert.file={}", self.certificates.server().display()),
                format!("-s3.key.file={}", self.certificates.server_key().display()),
                "-s3.domainName=localhost".to_owned(),
                format!("-s3.port.grpc={s3_grpc}"),
                format!("-s3.port.iceberg={iceberg}"),
                format!("-s3.port.lance={lance}"),
                format!("-master.port={master}"),
                format!("-master.port.grpc={master_grpc}"),
                format!("-volume.port={volume}"),
                format!("-volume.port.grpc={volume_grpc}"),
                format!("-filer.port={filer}"),
                format!("-filer.port.grpc={filer_grpc}"),
            ]),
            &folder.join("log"),
        );
        // Ready when it lists buckets: it accepts connections long before that.
        process.wait_until_ready(|| {
            answers(s3).is_some_and(|status| matches!(status, 200 | 403)) && ports::is_open(https)
        });
        self.process = Some(process);
    }

    /// Ends the server at once, as a power cut would.
    pub fn stop(&mut self) {
        self.process = None;
        // Its inner sockets lie where no option moves them.
        let [_, s3_grpc, _, _, _, master_grpc, _, volume_grpc, _, filer_grpc, _] = self.ports;
        for (side, port) in [("s3", s3_grpc), ("master", master_grpc), ("volume", volume_grpc), ("filer", filer_grpc)] {
            // Not all versions make all of them.
            fs::remove_file(format!("/tmp/seaweedfs-{side}-grpc-{port}.sock")).ok();
        }
    }

    /// The same over HTTPS; its certificate comes from [`certificates`](Self::certificates).
    pub fn https_location(&self, bucket_and_prefix: &str) -> String {
        format!("s3:https://127.0.0.1:{}/{bucket_and_prefix}", self.https_port())
    }

    /// The port of its S3 side over HTTPS. A bucket called `bucket` may also be asked for as `bucket.localhost`.
    pub fn https_port(&self) -> u16 {
        self.ports[10]
    }

    /// The authority that vouches for it over HTTPS.
    pub fn certificates(&self) -> &Certificates {
        &self.certificates
    }

    /// The port of its S3 side.
    pub fn port(&self) -> u16 {
        self.ports[0]
    }

    /// The location of a repository in a bucket, in restic's syntax.
    pub fn location(&self, bucket_and_prefix: &str) -> String {
        format!("s3:http://127.0.0.1:{}/{bucket_and_prefix}", self.port())
    }

    /// restic with the server's keys, for that repository. It makes the bucket if there is none.
    pub fn restic(&self, bucket_and_prefix: &str) -> Restic {
        restic(self.location(bucket_and_prefix))
    }

    /// The same over HTTPS.
    pub fn restic_over_https(&self, bucket_and_prefix: &str) -> Restic {
        let authority = self.certificates.authority();
        restic(self.https_location(bucket_and_prefix)).arguments(&["--cacert", authority.to_str().unwrap()])
    }

    /// A request as `writer`, whose rights [`WRITER_ACCESS_KEY`] tells.
    pub fn as_writer<'a>(&self, method: &'a str, path: &'a str) -> Request<'a> {
        Request::new(self.port(), (WRITER_ACCESS_KEY, WRITER_SECRET_KEY), method, path)
    }

    /// A request with the key that may do everything.
    pub fn as_admin<'a>(&self, method: &'a str, path: &'a str) -> Request<'a> {
        Request::new(self.port(), (ACCESS_KEY, SECRET_KEY), method, path)
    }

    /// The class of storage that a file was put into; none where it was put into none by name.
    pub fn class_of(&self, path: &str) -> Option<String> {
        let answer = self.as_admin("HEAD", path).send();
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let mut headers = answer.text.lines().filter_map(|line| line.split_once(": "));
        let class = headers.find(|(name, _)| name.eq_ignore_ascii_case("x-amz-storage-class"));
        class.map(|(_, class)| class.to_owned()).filter(|class| class != "STANDARD")
    }

    /// Makes a bucket with versions and Object Lock.
    pub fn make_locked_bucket(&self, bucket: &str) {
        let path = format!("/{bucket}");
        let made = self.as_admin("PUT", &path).header("x-amz-bucket-object-lock-enabled", "true").send();
        assert_eq!(made.status, 200, "{made:?}");
    }

    /// Stores files of the same content in [`PUBLIC_BUCKET`], which must exist.
    pub fn put_public(&self, keys: impl IntoIterator<Item = String>, content: &[u8]) {
        let stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        let mut answers = BufReader::new(&stream);
        for key in keys {
            let length = content.len();
            let head =
                format!("PUT /{PUBLIC_BUCKET}/{key} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n");
            (&stream).write_all(&[head.as_bytes(), content].concat()).unwrap();
            let mut status = String::new();
            answers.read_line(&mut status).unwrap();
            assert!(status.contains(" 200 "), "put {key}: {status}");
            // The answers have no body.
            let mut header = String::new();
            while answers.read_line(&mut header).unwrap() > 2 {
                header.clear();
            }
        }
    }

    /// The folder for whatever a test keeps beside the server.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn restic(location: String) -> Restic {
    Restic::new(location).env("AWS_ACCESS_KEY_ID", ACCESS_KEY).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
}

/// The HTTP status of `GET /`, if there is an answer.
fn answers(port: u16) -> Option<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.write_all(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.take(64).read_to_string(&mut answer).ok()?;
    answer.split(' ').nth(1)?.parse().ok()
}
