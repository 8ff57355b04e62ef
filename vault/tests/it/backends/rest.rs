//! REST servers.

use bygone_common::Secret;
use bygone_tests::far::cut_once;
use bygone_tests::rest::{PASSWORD, PASSWORD_IN_URL, Reach, RestServer, USER};
use bygone_vault::backend::{BackendOptions, FileId, FileKind};
use bygone_vault::{ErrorKind, backend};

use super::contract::*;
use super::{wire, writing};
use crate::fixture::noise;

#[test]
fn a_rest_server_gives_back_what_restic_wrote() {
    let server = RestServer::start(Reach::Open);
    server.restic("deep/repo").init_and_back_up(&source(server.folder()));
    check_reads(&server.location("deep/repo"), &BackendOptions::default());

    // A place without a repository.
    let error = refusal(&server.location("elsewhere"), &BackendOptions::default());
    assert_eq!(error.kind(), ErrorKind::NotFound, "{}", error.chain());
}

#[test]
fn a_rest_server_wants_its_password() {
    let server = RestServer::start(Reach::SignIn);
    server.restic("repo").init_and_back_up(&source(server.folder()));
    let location = server.location("repo");
    let named = location.replace("://", &format!("://{USER}:{PASSWORD_IN_URL}@"));
    check_reads(&named, &BackendOptions::default());

    let with = |user: &str, password: &str| {
        let mut options = BackendOptions::default();
        options.rest.user = Some(user.to_owned());
        options.rest.password = Some(Secret::new(password.to_owned()));
        options
    };
    first_answer(&location, &with(USER, PASSWORD)).unwrap();
    // What the location names comes before the options.
    first_answer(&named, &with(USER, "wrong")).unwrap();
    for (location, options) in [
        (location.clone(), BackendOptions::default()),
        (location.clone(), with(USER, "wrong")),
        (location.clone(), with("somebody", PASSWORD)),
        (location.replace("://", "://joe:hunter2@"), with(USER, PASSWORD)),
    ] {
        let error = refusal(&location, &options);
        assert_eq!(error.kind(), ErrorKind::Denied, "{}", error.chain());
        assert!(!error.chain().contains("hunter2"), "{}", error.chain());
        let error = open(&location, &once(options)).backend.list(FileKind::Pack).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{}", error.chain());
    }
}

#[test]
fn a_rest_server_with_its_own_authority_is_trusted_by_file() {
    let server = RestServer::start(Reach::Tls);
    server.restic("repo").init_and_back_up(&source(server.folder()));
    let mut options = BackendOptions::default();
    options.tls.ca_file = Some(server.certificates().authority());
    check_reads(&server.location("repo"), &options);

    // The system's authorities do not know that server, and a stranger is refused for good, not tried again.
    match backend::open(&server.location("repo").parse().unwrap(), &BackendOptions::default()) {
        Ok(open) => {
            let error = open.backend.read(backend::FileId::CONFIG).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Denied, "{}", error.chain());
        }
        // A machine without any list of authorities says so at once.
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidInput, "{}", error.chain()),
    }
    // Plain HTTP to a TLS port is an answer, but not one of success.
    let plain = server.location("repo").replace("https:", "http:");
    assert!(!refusal(&plain, &BackendOptions::default()).kind().is_transient());
}

#[test]
fn a_rest_server_may_ask_for_a_client_certificate() {
    let server = RestServer::start(Reach::ClientCertificate);
    server.restic("repo").init_and_back_up(&source(server.folder()));
    let mut options = BackendOptions::default();
    options.tls.ca_file = Some(server.certificates().authority());
    // With retries, as every verb has them: in TLS 1.3 the refusal comes after the client's handshake, and now and then the
    // connection ends before it is read.
    let error = open(&server.location("repo"), &options).backend.read(FileId::CONFIG).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{}", error.chain());
    options.tls.client_certificate_file = Some(server.certificates().client());
    check_reads(&server.location("repo"), &options);
}

#[test]
fn unusable_certificate_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let rubbish = folder.path().join("rubbish.pem");
    std::fs::write(&rubbish, "no certificate").unwrap();
    for path in [rubbish, folder.path().join("missing.pem")] {
        for as_authority in [true, false] {
            let mut options = BackendOptions::default();
            let file = if as_authority { &mut options.tls.ca_file } else { &mut options.tls.client_certificate_file };
            *file = Some(path.clone());
            let error = backend::open(&"rest:https://127.0.0.1:1/".parse().unwrap(), &options).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        }
    }
}

#[test]
fn a_rest_server_that_does_not_answer_is_told_apart_from_one_that_is_not_there() {
    let location = |port| format!("rest:http://127.0.0.1:{port}/repo/");
    check_refused_port(&BackendOptions::default(), location);
    check_silent_server(&BackendOptions::default(), location);
}

#[test]
fn a_rest_server_that_hangs_in_the_handshake_times_out() {
    let certificates = tempfile::tempdir().unwrap();
    let made = bygone_tests::certificates::Certificates::make(certificates.path());
    let mut options = BackendOptions::default();
    options.tls.ca_file = Some(made.authority());
    check_silent_server(&options, |port| format!("rest:https://127.0.0.1:{port}/repo/"));
}

#[test]
fn a_rest_server_that_returns_is_read_on() {
    let mut server = RestServer::start(Reach::Open);
    server.restic("repo").init_and_back_up(&source(server.folder()));
    let (location, port) = (server.location("repo"), server.port());
    check_return(&location, &BackendOptions::default(), port, &mut server, RestServer::stop, RestServer::start_again);
}

#[test]
fn a_rest_server_keeps_what_is_written() {
    let server = RestServer::start(Reach::Open);
    let options = BackendOptions::default();
    writing::check_writes(&server.location("deep/repo"), &options);
    writing::check_limits(&server.location("deep/repo"), &options);
    writing::check_restic_reads(&server.location("copy"), &options, server.folder(), &server.restic("copy"));
    writing::check_cut(&server.location("repo"), &options, || {
        let port = cut_once(server.port(), 3 << 20);
        (server.location("repo").replace(&server.port().to_string(), &port.to_string()), options.clone())
    });
    writing::check_silent_server(&options, |port| format!("rest:http://127.0.0.1:{port}/repo/"));
}

#[test]
fn a_rest_server_that_only_takes_what_is_new_keeps_what_it_has() {
    let server = RestServer::start(Reach::AppendOnly);
    let storage = writing::open(&server.location("repo"), &once(BackendOptions::default())).storage;
    storage.create().unwrap();
    // Larger than what the server reads before it hangs up.
    let (name, content) = writing::file(FileKind::Pack, &noise(4, 8 << 20));
    let (lock, its_content) = writing::file(FileKind::Lock, b"a lock");
    for _ in 0..2 {
        storage.write(FileId::CONFIG, &b"config".to_vec().into()).unwrap();
        storage.write(name, &content).unwrap();
        storage.write(lock, &its_content).unwrap();
    }
    for error in [
        storage.write(FileId::CONFIG, &b"CONFIG".to_vec().into()).unwrap_err(),
        storage.write(name, &b"another length".to_vec().into()).unwrap_err(),
        storage.remove(name).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Denied, "{}", error.chain());
    }
    storage.remove(lock).unwrap();
    assert_eq!(storage.read(FileId::CONFIG).unwrap(), b"config");
    assert!(storage.read(name).unwrap() == content.to_vec());
}

#[test]
fn a_rest_server_without_room_says_so() {
    for (answer, kind) in [
        (wire::body("507 Insufficient Storage", "", ""), ErrorKind::NoSpace),
        (wire::body("413 Request Entity Too Large", "", "repository full"), ErrorKind::NoSpace),
        (wire::body("500 Internal Server Error", "", "write x: No space left on device"), ErrorKind::NoSpace),
        (wire::body("500 Internal Server Error", "", "something else"), ErrorKind::Unavailable),
    ] {
        let host = wire::serve(move |_| answer.clone());
        let storage = writing::open(&format!("rest:http://{host}/repo/"), &once(BackendOptions::default())).storage;
        let (name, content) = writing::file(FileKind::Index, b"");
        let error = storage.write(name, &content).unwrap_err();
        assert_eq!(error.kind(), kind, "{}", error.chain());
    }
}
