//! The options that say how remote storage is reached.

use std::path::Path;
use std::process::Command;

use bygone_tests::rest::{PASSWORD_IN_URL, Reach, RestServer, USER};
use bygone_tests::s3::S3Server;
use bygone_tests::sftp::SftpServer;

use crate::fixture::Fixture;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

/// Lists and reads over `location` what the local repository holds.
fn check(fixture: &Fixture, location: &str, options: &[&str]) {
    let remote = |arguments: &[&str]| fixture.bygone(&[arguments, options].concat()).env("RESTIC_REPOSITORY", location);
    assert_eq!(remote(&["ls", "-R"]).bytes(), fixture.bygone(&["ls", "-R"]).bytes());
    // Once more, with what the cache holds by now.
    assert!(remote(&["cat", "latest:/big.bin"]).bytes() == fixture.bygone(&["cat", "latest:/big.bin"]).bytes());
    assert_eq!(remote(&["find", "*.rs"]).bytes(), fixture.bygone(&["find", "*.rs"]).bytes());
}

#[test]
fn a_rest_server_with_certificates_of_ones_own() {
    let fixture = Fixture::shared();
    let mut server = RestServer::start(Reach::ClientCertificate);
    copy(&fixture.repository, &server.served().join("repository"));
    let (authority, client) = (server.certificates().authority(), server.certificates().client());
    let options = ["--cacert", authority.to_str().unwrap(), "--tls-client-cert", client.to_str().unwrap()];
    check(&fixture, &server.location("repository"), &options);
    let ls = |arguments: &[&str]| {
        fixture
            .bygone(&[&["ls"], arguments].concat())
            .env("RESTIC_REPOSITORY", server.location("repository"))
            .env("BYGONE_RETRIES", "0")
    };
    let told = ls(&[]).fails(1);
    assert!(told.starts_with("bygone: ") && told.contains("127.0.0.1"), "{told}");
    let told = ls(&["--cacert", "missing.pem"]).fails(2);
    assert!(told.contains("missing.pem"), "{told}");
    server.stop();
    let ls = fixture.bygone(&["ls"]).arguments(&options).env("RESTIC_REPOSITORY", server.location("repository"));
    let told = ls.env("BYGONE_RETRIES", "0").fails(1);
    assert!(told.contains(&format!("127.0.0.1:{}", server.port())), "{told}");
}

#[test]
fn a_password_in_a_location_is_never_shown() {
    let fixture = Fixture::shared();
    let server = RestServer::start(Reach::SignIn);
    let location = server.location("nowhere").replace("http://", &format!("http://{USER}:{PASSWORD_IN_URL}@"));
    let told = fixture.bygone(&["ls"]).env("RESTIC_REPOSITORY", location).env("BYGONE_RETRIES", "0").fails(1);
    assert!(told.contains("is not a restic repository") && told.contains(USER), "{told}");
    assert!(!told.contains(PASSWORD_IN_URL) && !told.contains(bygone_tests::rest::PASSWORD), "{told}");
}

#[test]
fn an_ssh_server_with_its_key_and_ours() {
    let fixture = Fixture::shared();
    let server = SftpServer::start();
    copy(&fixture.repository, &server.path("repository"));
    let identity = format!("sftp.identity-file={}", server.identity().display());
    let known = format!("sftp.known-hosts={}", server.known_hosts().display());
    check(&fixture, &server.location("repository"), &["-o", &identity, "-o", &known]);
    let told = fixture
        .bygone(&["ls", "-o", &identity, "-o", "sftp.known-hosts=/dev/null"])
        .env("RESTIC_REPOSITORY", server.location("repository"))
        .env("BYGONE_RETRIES", "0")
        .fails(1);
    assert!(told.contains("known"), "{told}");
}

#[test]
fn an_alias_of_the_users_ssh_configuration() {
    let fixture = Fixture::shared();
    let server = SftpServer::start();
    copy(&fixture.repository, &server.path("repository"));
    let config = format!(
        "Host backup-host\n HostName 127.0.0.1\n Port {}\n User {}\n IdentityFile {}\n UserKnownHostsFile {}\n",
        server.port(),
        bygone_tests::sftp::user(),
        server.identity().display(),
        server.known_hosts().display(),
    );
    // Programs run with a home of their own.
    let ssh = fixture.own.path().join(".ssh");
    std::fs::create_dir_all(ssh.join("hosts")).unwrap();
    std::fs::write(ssh.join("config"), "Include hosts/*\n").unwrap();
    std::fs::write(ssh.join("hosts/backup"), config).unwrap();
    let location = format!("sftp:backup-host:{}", server.path("repository").display());
    check(&fixture, &location, &[]);
    let elsewhere = ["-o", "sftp.config=none", "-o", "sftp.user=somebody"];
    let ls = fixture.bygone(&["ls"]).arguments(&elsewhere).env("RESTIC_REPOSITORY", &location);
    let told = ls.env("BYGONE_RETRIES", "0").fails(1);
    assert!(told.contains("backup-host"), "{told}");
}

#[test]
fn an_s3_server_with_the_bucket_in_the_path_or_in_the_host() {
    let fixture = Fixture::shared();
    let server = S3Server::start();
    let restic = server.restic("bucket/prefix");
    restic.run(&["init"]);
    let source = fixture.source.to_str().unwrap();
    restic.run(&["backup", source]);
    let keys =
        [("AWS_ACCESS_KEY_ID", bygone_tests::s3::ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", bygone_tests::s3::SECRET_KEY)];
    let location = server.location("bucket/prefix");
    let remote = |arguments: &[&str]| {
        let program =
            fixture.bygone(&["-o", "s3.bucket-lookup=path", "-o", "s3.region=us-east-1"]).arguments(arguments);
        keys.into_iter()
            .fold(program, |program, (name, value)| program.env(name, value))
            .env("RESTIC_REPOSITORY", &location)
    };
    assert_eq!(remote(&["find", "*.rs", "--json"]).json_lines().len(), 3);
    let big = format!("latest:{source}/big.bin");
    assert!(remote(&["cat", &big]).bytes() == fixture.bygone(&["cat", "latest:/big.bin"]).bytes());
    // Over HTTPS the certificate is made out to the bucket's host name and to the address, not to localhost.
    let authority = server.certificates().authority();
    let https = server.https_location("bucket/prefix").replace("127.0.0.1", "localhost");
    let over_https = |lookup: &str| {
        let program = remote(&["cat", &big, "--cacert"]).argument(&authority);
        program.arguments(&["-o", lookup]).env("RESTIC_REPOSITORY", &https).env("BYGONE_RETRIES", "0")
    };
    assert!(over_https("s3.bucket-lookup=dns").bytes() == fixture.bygone(&["cat", "latest:/big.bin"]).bytes());
    let told = over_https("s3.bucket-lookup=path").fails(1);
    assert!(told.contains("certificate"), "{told}");
    let told = fixture.bygone(&["ls"]).env("RESTIC_REPOSITORY", &location).env("BYGONE_RETRIES", "0");
    let told = told.env("AWS_ACCESS_KEY_ID", "nobody").env("AWS_SECRET_ACCESS_KEY", "nothing").fails(1);
    assert!(told.starts_with("bygone: "), "{told}");
}
