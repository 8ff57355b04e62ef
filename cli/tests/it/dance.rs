//! Bygone and stock restic write to one repository in turn, on every kind of storage: each backs up, forgets and prunes what
//! the other wrote, and both check all of it after every step. rustic_core gives its opinion at the end of each round.

use std::fs;

use bygone_tests::compare::{Aspects, assert_same};
use bygone_tests::noise::noise;
use bygone_tests::rest::{Reach, RestServer};
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_tests::s3::{ACCESS_KEY, S3Server, SECRET_KEY};
use bygone_tests::sftp::SftpServer;

use crate::own::CHEAP;
use crate::program::Program;

/// One repository, and how both programs reach it.
struct Floor {
    folder: tempfile::TempDir,
    location: String,
    restic: Restic,
    options: Vec<String>,
    variables: Vec<(&'static str, String)>,
}

impl Floor {
    fn new(location: String, restic: Restic, options: &[String], variables: &[(&'static str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let restic = restic.arguments(&["--quiet"]);
        Self { folder: tempfile::tempdir().unwrap(), location, restic, options: options.to_vec(), variables }
    }

    fn bygone(&self, arguments: &[&str]) -> Program {
        let mut program = Program::bygone(self.folder.path())
            .env("RESTIC_REPOSITORY", &self.location)
            .env("RESTIC_PASSWORD", PASSWORD)
            .arguments(&self.options)
            .arguments(arguments);
        for (name, value) in &self.variables {
            program = program.env(name, value);
        }
        program
    }

    fn source(&self) -> std::path::PathBuf {
        self.folder.path().join("source")
    }

    /// What changes between two steps: a file comes, one goes, one is written anew.
    fn live(&self, step: u64) {
        let source = self.source();
        fs::create_dir_all(source.join("folder")).unwrap();
        fs::write(source.join("folder/changing"), noise(step, 2_000_000)).unwrap();
        fs::write(source.join(format!("folder/{step}")), noise(1000 + step, 100_000)).unwrap();
        if step > 2 {
            let _ = fs::remove_file(source.join(format!("folder/{}", step - 2)));
        }
    }

    /// The newest snapshot is the source as it is now, for both.
    fn assert_newest(&self) {
        let source = self.source();
        for (name, by_restic) in [("by restic", true), ("by us", false)] {
            let target = self.folder.path().join(name);
            let path = if by_restic {
                self.restic.run(&["restore", "latest", "--target", target.to_str().unwrap()]);
                target.join(source.strip_prefix("/").unwrap())
            } else {
                let from = format!("latest:{}", source.display());
                self.bygone(&["restore", "-q", &from, "--target", target.to_str().unwrap()]).bytes();
                target.clone()
            };
            assert_same(&source, &path, Aspects { changed: false, ..Aspects::ALL });
            fs::remove_dir_all(target).unwrap();
        }
    }

    fn check(&self, what: &str) {
        let restic = self.restic.command(&["check", "--read-data"]).output().unwrap();
        assert!(restic.status.success(), "{what}: {}", String::from_utf8_lossy(&restic.stderr));
        let ours = self.bygone(&["check", "--read-data", "--json"]).run();
        assert_eq!(ours.code, Some(0), "{what}: {}", ours.stderr);
    }

    fn dance(&self) {
        let source = self.source();
        let source = source.to_str().unwrap();
        self.bygone(&["init", "-q"]).arguments(&CHEAP).bytes();
        for round in 0..2 {
            let step = |offset: u64, what: &str, act: &dyn Fn()| {
                self.live(round * 10 + offset);
                act();
                self.check(what);
            };
            step(1, "our backup", &|| drop(self.bygone(&["backup", "-q", source]).bytes()));
            step(2, "restic's backup", &|| drop(self.restic.run(&["backup", source])));
            step(3, "our second backup", &|| drop(self.bygone(&["backup", "-q", source]).bytes()));
            self.assert_newest();
            step(4, "restic forgets", &|| drop(self.restic.run(&["forget", "--keep-last", "2"])));
            step(5, "our prune marks", &|| drop(self.bygone(&["prune", "-q"]).bytes()));
            step(6, "restic's backup over marks", &|| drop(self.restic.run(&["backup", source])));
            self.assert_newest();
            step(7, "we forget and prune", &|| {
                self.bygone(&["forget", "-q", "--keep-last", "2", "--prune", "--grace", "0", "--max-unused", "0"])
                    .bytes();
            });
            step(8, "our backup after it", &|| drop(self.bygone(&["backup", "-q", source]).bytes()));
            step(9, "restic prunes", &|| drop(self.restic.run(&["forget", "--keep-last", "1", "--prune"])));
            self.live(round * 10 + 8);
            let asked = self.bygone(&["check", "--read-data", "--second-opinion", "--json"]).run();
            assert_eq!(asked.code, Some(0), "rustic_core: {}", asked.stderr);
        }
        assert_eq!(self.bygone(&["snapshots", "--json"]).json().as_array().unwrap().len(), 1);
    }
}

#[test]
fn in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let location = folder.path().join("repository").to_str().unwrap().to_owned();
    let restic = Restic::new(location.clone());
    Floor::new(location, restic, &[], &[]).dance();
}

#[test]
fn on_s3() {
    let server = S3Server::start();
    let restic = server.restic("bucket/dance");
    let options = ["-o", "s3.bucket-lookup=path", "-o", "s3.region=us-east-1"].map(str::to_owned);
    let keys = [("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)];
    Floor::new(server.location("bucket/dance"), restic, &options, &keys).dance();
}

#[test]
fn behind_ssh() {
    let server = SftpServer::start();
    let options = [
        "-o".to_owned(),
        format!("sftp.identity-file={}", server.identity().display()),
        "-o".to_owned(),
        format!("sftp.known-hosts={}", server.known_hosts().display()),
    ];
    Floor::new(server.location("dance"), server.restic("dance"), &options, &[]).dance();
}

#[test]
fn on_a_rest_server() {
    let server = RestServer::start(Reach::Open);
    let location = server.location("dance");
    let restic = Restic::new(location.clone());
    Floor::new(location, restic, &[], &[]).dance();
}
