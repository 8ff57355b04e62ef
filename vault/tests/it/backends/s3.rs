//! S3 servers.

use std::fs;

use bygone_common::Secret;
use bygone_common::plan::StorageClass;
use bygone_tests::far::cut_once;
use bygone_tests::s3::{ACCESS_KEY, PUBLIC_BUCKET, S3Server, SECRET_KEY};
use bygone_vault::backend::options::PathStyle;
use bygone_vault::backend::{self, BackendOptions, FileId, FileKind};
use bygone_vault::{Error, ErrorKind, Result};

use super::contract::*;
use super::writing;
use crate::fixture::noise;

fn keys(access_key: &str, secret_key: &str) -> BackendOptions {
    let mut options = BackendOptions::default();
    options.s3.access_key = Some(access_key.to_owned());
    options.s3.secret_key = Some(Secret::new(secret_key.to_owned()));
    options
}

fn admin() -> BackendOptions {
    keys(ACCESS_KEY, SECRET_KEY)
}

#[test]
fn an_s3_server_gives_back_what_restic_wrote_to_those_it_knows() {
    let server = S3Server::start();
    let source = source(server.folder());
    server.restic("private/deep/prefix").init_and_back_up(&source);
    server.restic(PUBLIC_BUCKET).init_and_back_up(&source);
    let location = server.location("private/deep/prefix");

    check_reads(&location, &admin());
    check_reads(&server.location(PUBLIC_BUCKET), &admin());
    check_who_may_read(&server, &location);
    check_profiles(&server, &location);
    check_other_places(&server);
    check_long_listing(&server);
}

#[test]
fn packs_are_kept_in_the_colder_class_of_those_asked_for() {
    let server = S3Server::start();
    let whole = [noise(5, 1000), noise(6, 1000), noise(7, 1000), noise(8, 1000)];
    let in_parts = noise(9, 65 << 20);
    for (bytes, of_storage, of_pack, expected) in [
        (&whole[0], StorageClass::Hot, StorageClass::Hot, None),
        (&whole[1], StorageClass::Hot, StorageClass::Warm, Some("STANDARD_IA")),
        (&whole[2], StorageClass::Warm, StorageClass::Hot, Some("STANDARD_IA")),
        (&whole[3], StorageClass::Warm, StorageClass::Cold, Some("GLACIER_IR")),
        (&in_parts, StorageClass::Cold, StorageClass::Warm, Some("GLACIER_IR")),
    ] {
        let options = BackendOptions { class: of_storage, ..admin() };
        let storage = writing::open(&server.location("classes/main"), &options).storage;
        storage.create().unwrap();
        let (pack, content) = writing::file(FileKind::Pack, bytes);
        storage.write(pack, &content.in_class(of_pack)).unwrap();
        let id = pack.id.to_string();
        assert_eq!(server.class_of(&format!("/classes/main/data/{}/{id}", &id[..2])).as_deref(), expected);
        let (index, content) = writing::file(FileKind::Index, bytes);
        storage.write(index, &content.in_class(of_pack)).unwrap();
        assert_eq!(server.class_of(&format!("/classes/main/index/{}", index.id)), None);
    }
}

/// Keys that are wrong, missing or not needed.
fn check_who_may_read(server: &S3Server, location: &str) {
    let mut anonymous = BackendOptions::default();
    anonymous.s3.anonymous = true;
    for options in [keys(ACCESS_KEY, "wrong"), keys("nobody", SECRET_KEY), anonymous.clone(), BackendOptions::default()]
    {
        let error = refusal(location, &options);
        assert_eq!(error.kind(), ErrorKind::Denied, "{}", error.chain());
        assert!(!error.chain().contains(SECRET_KEY), "{}", error.chain());
        let error = open(location, &once(options)).backend.list(FileKind::Pack).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{}", error.chain());
    }
    let hint = refusal(location, &BackendOptions::default()).chain();
    assert!(hint.contains("AWS_ACCESS_KEY_ID"), "{hint}");
    check_reads(&server.location(PUBLIC_BUCKET), &anonymous);
}

/// Keys from AWS's own files.
fn check_profiles(server: &S3Server, location: &str) {
    let path = server.folder().join("credentials");
    let profile = |name: &str, secret: &str| {
        format!("[{name}]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {secret}\n")
    };
    fs::write(&path, profile("default", "wrong") + &profile("backup", SECRET_KEY)).unwrap();
    let with = |name: Option<&str>| {
        let mut options = BackendOptions::default();
        options.s3.credentials_files = vec![path.clone(), server.folder().join("no such file")];
        options.s3.profile = name.map(str::to_owned);
        options
    };
    first_answer(location, &with(Some("backup"))).unwrap();
    for name in [None, Some("unknown")] {
        let error = refusal(location, &with(name));
        assert_eq!(error.kind(), ErrorKind::Denied, "{name:?}: {}", error.chain());
    }
}

/// Buckets and prefixes that hold no repository.
fn check_other_places(server: &S3Server) {
    for place in ["nowhere", "private/elsewhere"] {
        let error = refusal(&server.location(place), &admin());
        assert_eq!(error.kind(), ErrorKind::NotFound, "{place}: {}", error.chain());
    }
    let open = open(&server.location("private/elsewhere"), &once(admin()));
    assert_eq!(open.backend.list(FileKind::Config).unwrap(), []);
}

/// More files than one page of a listing names.
fn check_long_listing(server: &S3Server) {
    let files = 1_100_u64;
    let keys = (0..files).map(|number| format!("many/snapshots/{number:064x}"));
    server.put_public(keys.chain(["many/snapshots/README".to_owned(), "many/snapshots/x/y".to_owned()]), b"1234567");
    let open = open(&server.location(&format!("{PUBLIC_BUCKET}/many")), &once(admin()));
    let lines = open.backend.list(FileKind::Snapshot).unwrap();
    assert_eq!(lines.len() as u64, files);
    assert!(lines.iter().all(|line| line.size == 7));
}

#[test]
fn an_s3_server_over_https_is_trusted_by_file_and_has_its_bucket_where_it_is_looked_up() {
    let server = S3Server::start();
    server.restic_over_https("bucket/prefix").init_and_back_up(&source(server.folder()));
    let location = server.https_location("bucket/prefix");
    let mut options = admin();
    let untrusted = refusal_at_once(&location, &options);
    // A machine without any list of authorities says so at once.
    assert!(matches!(untrusted.kind(), ErrorKind::Denied | ErrorKind::InvalidInput), "{}", untrusted.chain());
    options.tls.ca_file = Some(server.certificates().authority());
    check_reads(&location, &options);

    // The certificate knows the server by its address and as bucket.localhost, not as localhost: how the bucket is looked
    // up decides which of them is asked for.
    let location = location.replace("127.0.0.1", "localhost");
    for (path_style, is_trusted) in [(PathStyle::Off, true), (PathStyle::On, false), (PathStyle::Auto, false)] {
        options.s3.path_style = path_style;
        if is_trusted {
            check_reads(&location, &options);
        } else {
            let error = refusal(&location, &options);
            assert_eq!(error.kind(), ErrorKind::Denied, "{}", error.chain());
        }
    }
}

/// Why a storage cannot be read, be that at its opening or at the first question.
fn refusal_at_once(location: &str, options: &BackendOptions) -> Error {
    match backend::open(&location.parse().unwrap(), &once(options.clone())) {
        Ok(open) => open.backend.read(FileId::CONFIG).unwrap_err(),
        Err(error) => error,
    }
}

#[test]
fn half_a_pair_of_keys_is_refused_before_anything_is_sent() {
    let mut options = BackendOptions::default();
    options.s3.access_key = Some(ACCESS_KEY.to_owned());
    let opened: Result<_> = backend::open(&"s3:http://127.0.0.1:1/bucket".parse().unwrap(), &options);
    let error = opened.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("AWS_SECRET_ACCESS_KEY"), "{error}");
}

#[test]
fn an_s3_server_that_does_not_answer_is_told_apart_from_one_that_is_not_there() {
    let location = |port| format!("s3:http://127.0.0.1:{port}/bucket/prefix");
    for path_style in [PathStyle::Auto, PathStyle::On] {
        let mut options = admin();
        options.s3.path_style = path_style;
        check_refused_port(&options, location);
        check_silent_server(&options, location);
    }
}

#[test]
fn an_s3_server_that_returns_is_read_on() {
    let mut server = S3Server::start();
    server.restic("bucket").init_and_back_up(&source(server.folder()));
    let (location, port) = (server.location("bucket"), server.port());
    check_return(&location, &admin(), port, &mut server, S3Server::stop, S3Server::start_again);
}

#[test]
fn an_s3_server_keeps_what_is_written() {
    let server = S3Server::start();
    let options = admin();
    let location = server.location("new-bucket/deep/prefix");
    writing::check_writes(&location, &options);
    writing::check_same_writers(&location, &options);
    writing::check_limits(&location, &options);
    let copy = "copies/copy";
    writing::check_restic_reads(&server.location(copy), &options, server.folder(), &server.restic(copy));
    writing::check_cut(&server.location("cut/repo"), &options, || {
        let port = cut_once(server.port(), 3 << 20);
        (server.location("cut/repo").replace(&server.port().to_string(), &port.to_string()), options.clone())
    });
    writing::check_silent_server(&options, |port| format!("s3:http://127.0.0.1:{port}/bucket/prefix"));
    check_what_is_refused(&location);
    let mut trusting = options;
    trusting.tls.ca_file = Some(server.certificates().authority());
    let storage = writing::open(&server.https_location("new-bucket/tls"), &once(trusting)).storage;
    let (name, content) = writing::file(FileKind::Pack, &noise(3, 1 << 20));
    storage.write(name, &content).unwrap();
    assert!(storage.read(name).unwrap() == content.to_vec());
}

/// Keys that may not write, and content that is not what its name says.
fn check_what_is_refused(location: &str) {
    let (name, content) = writing::file(FileKind::Pack, b"a pack");
    for options in [keys(ACCESS_KEY, "wrong"), keys("nobody", SECRET_KEY)] {
        let storage = writing::open(location, &once(options)).storage;
        for error in [storage.write(name, &content).unwrap_err(), storage.remove(name).unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::Denied, "{}", error.chain());
        }
    }
    let storage = writing::open(location, &once(admin())).storage;
    let error = storage.write(name, &b"a PACK".to_vec().into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged, "{}", error.chain());
    assert_eq!(storage.list(FileKind::Pack).unwrap(), []);
}
