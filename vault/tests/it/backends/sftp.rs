//! SSH servers.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use bygone_common::Secret;
use bygone_tests::far::{cut_once, relay_to};
use bygone_tests::sftp::{Agent, PasswordServer, SftpServer, make_key, user};
use bygone_vault::ErrorKind;
use bygone_vault::backend::{BackendOptions, FileId, FileKind};

use super::contract::*;
use super::writing;
use crate::fixture::noise;
use crate::small_disk::SmallDisk;

fn options(server: &SftpServer) -> BackendOptions {
    let mut options = BackendOptions::default();
    options.sftp.identity_files = vec![server.path("no such key"), server.identity()];
    options.sftp.known_hosts_files = vec![server.path("no such file"), server.known_hosts()];
    options
}

fn denied(location: &str, options: &BackendOptions) -> String {
    let error = refusal(location, options);
    assert_eq!(error.kind(), ErrorKind::Denied, "{}", error.chain());
    error.chain()
}

#[test]
fn an_sftp_server_gives_back_what_restic_wrote() {
    let server = SftpServer::start();
    server.restic("repo").init_and_back_up(&source(&server.path("")));
    check_reads(&server.location("repo"), &options(&server));

    let error = refusal(&server.location("elsewhere"), &options(&server));
    assert_eq!(error.kind(), ErrorKind::NotFound, "{}", error.chain());
    let open = open(&server.location("elsewhere"), &once(options(&server)));
    assert_eq!(open.backend.list(FileKind::Config).unwrap(), []);
    let error = open.backend.list(FileKind::Snapshot).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotARepository, "{}", error.chain());
}

#[test]
fn a_listing_over_sftp_is_complete_or_an_error() {
    let server = SftpServer::start();
    let file = |path: &str, content: &str| {
        let path = server.path("repo").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    let id = |number: usize| format!("{number:02x}{:062x}", number);
    file("config", "config");
    for number in 0..256 {
        file(&format!("data/{number:02x}/{}", id(number)), &"x".repeat(number));
        file(&format!("index/{}", id(number)), "");
    }
    file("index/README", "");
    std::os::unix::fs::symlink(server.path("repo/config"), server.path("repo/index").join(id(999))).unwrap();
    let backend = open(&server.location("repo"), &once(options(&server))).backend;
    let packs = backend.list(FileKind::Pack).unwrap();
    assert_eq!(packs.len(), 256);
    assert!(packs.iter().all(|pack| pack.size == u64::from(pack.id.as_bytes()[0])));
    assert_eq!(backend.list(FileKind::Index).unwrap().len(), 256, "a name of 65 digits is no id");
    assert_eq!(backend.list(FileKind::Snapshot).unwrap(), [], "a folder that does not exist is empty");

    // A link leads to what it names; one that leads nowhere cannot be left out in silence.
    let link = server.path("repo/index").join(format!("ff{:062x}", 1));
    std::os::unix::fs::symlink(server.path("repo/config"), &link).unwrap();
    let lines = backend.list(FileKind::Index).unwrap();
    assert!(lines.iter().any(|line| line.id.to_hex() == format!("ff{:062x}", 1) && line.size == 6));
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("/nowhere", &link).unwrap();
    assert_eq!(backend.list(FileKind::Index).unwrap_err().kind(), ErrorKind::NotFound);
    // So cannot a subfolder that is none.
    fs::remove_dir_all(server.path("repo/data/7f")).unwrap();
    file("data/7f", "a file");
    backend.list(FileKind::Pack).unwrap_err();
}

#[test]
fn only_the_known_server_is_spoken_to() {
    let server = SftpServer::start();
    server.restic("repo").run(&["init"]);
    let location = server.location("repo");
    let known = |text: &str| {
        let path = server.path("other_hosts");
        fs::write(&path, text).unwrap();
        let mut options = options(&server);
        options.sftp.known_hosts_files = vec![path];
        options
    };
    let unknown = denied(&location, &known(""));
    assert!(unknown.contains("is not known") && unknown.contains("SHA256:"), "{unknown}");

    make_key(&server.path("other_key"), "");
    let other = fs::read_to_string(server.path("other_key.pub")).unwrap();
    let changed = denied(&location, &known(&format!("[127.0.0.1]:{} {other}", server.port())));
    assert!(changed.contains("HAS CHANGED"), "{changed}");

    let line = fs::read_to_string(server.known_hosts()).unwrap();
    let revoked = denied(&location, &known(&format!("{line}\n@revoked {line}")));
    assert!(revoked.contains("is revoked"), "{revoked}");

    fs::copy(server.known_hosts(), server.path("hashed")).unwrap();
    let hashed = std::process::Command::new(bygone_tests::tools::tool("ssh-keygen"))
        .args(["-H", "-f"])
        .arg(server.path("hashed"))
        .output()
        .unwrap();
    assert!(hashed.status.success());
    let hashed = fs::read_to_string(server.path("hashed")).unwrap();
    assert!(hashed.starts_with("|1|"), "{hashed}");
    first_answer(&location, &known(&hashed)).unwrap();
}

#[test]
fn an_sftp_server_wants_a_key_that_it_knows() {
    let server = SftpServer::start();
    server.restic("repo").run(&["init"]);
    let location = server.location("repo");
    let with = |keys: &[&Path]| {
        let mut options = options(&server);
        options.sftp.identity_files = keys.iter().map(|&key| key.to_owned()).collect();
        options
    };
    let refused = denied(&location, &with(&[]));
    assert!(refused.contains("nothing to sign in with") && refused.contains("publickey"), "{refused}");

    let stranger = server.path("stranger");
    make_key(&stranger, "");
    let refused = denied(&location, &with(&[&stranger]));
    assert!(refused.contains(stranger.to_str().unwrap()), "{refused}");
    first_answer(&location, &with(&[&stranger, &server.identity()])).unwrap();

    // Another user of the same key.
    let nobody = location.replacen(&user(), "nobody-at-all", 1);
    let refused = denied(&nobody, &options(&server));
    assert!(refused.contains("nobody-at-all"), "{refused}");

    // A key that is encrypted.
    let encrypted = server.path("encrypted");
    make_key(&encrypted, "open sesame");
    let mut authorized = fs::read_to_string(server.path("authorized_keys")).unwrap();
    authorized.push_str(&fs::read_to_string(server.path("encrypted.pub")).unwrap());
    fs::write(server.path("authorized_keys"), authorized).unwrap();
    let mut options = with(&[&encrypted]);
    let refused = denied(&location, &options);
    assert!(refused.contains("encrypted"), "{refused}");
    options.sftp.passphrase = Some(Secret::new("open sesame".to_owned()));
    first_answer(&location, &options).unwrap();
}

#[test]
fn an_alias_in_the_ssh_configuration_leads_to_the_server() {
    let server = SftpServer::start();
    server.restic("repo").run(&["init"]);
    let location = format!("sftp:backup:{}", server.path("repo").display());
    let with = |text: String| {
        fs::write(server.path("config"), text).unwrap();
        let mut options = BackendOptions::default();
        options.sftp.openssh.config_files = vec![server.path("missing"), server.path("config")];
        options.sftp.openssh.home = Some(server.path(""));
        options.sftp.openssh.user = Some("nobody-at-all".to_owned());
        options
    };
    let (user, port) = (user(), server.port());
    let host = format!("Host back*\n HostName 127.0.0.1\n Port {port}\n User {user}\n");
    let keys =
        "Match all\n IdentityFile ~/no-such-key\n IdentityFile %d/id_ed25519\n UserKnownHostsFile ~/known_hosts\n";
    let options = with(format!("{host}{keys}"));
    first_answer(&location, &options).unwrap();

    // What the location and the options say comes first.
    let other = location.replacen("backup", "somebody@backup", 1);
    let refused = denied(&other, &options);
    assert!(refused.contains("somebody") && refused.contains("id_ed25519"), "{refused}");
    let mut given = options.clone();
    given.sftp.known_hosts_files = vec![server.path("missing")];
    assert!(denied(&location, &given).contains("is not known"));
    let local_user = denied(&location, &with(format!("{host}{keys}").replace(" User ", " #User ")));
    assert!(local_user.contains("nobody-at-all"), "{local_user}");

    let refused = denied(&location, &with(format!("{host} IdentityFile none\n UserKnownHostsFile ~/known_hosts")));
    assert!(refused.contains("nothing to sign in with"), "{refused}");
    let error = refusal(&location, &with(format!("{host} ProxyJump gate\n{keys}")));
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{}", error.chain());
    first_answer(&location, &with(format!("{host} ProxyJump none\n{keys}"))).unwrap();
    let error = refusal(&location, &with("Port none".to_owned()));
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{}", error.chain());
}

#[test]
fn an_agent_signs_in_without_a_key_file() {
    let server = SftpServer::start();
    server.restic("repo").run(&["init"]);
    let stranger = server.path("stranger");
    make_key(&stranger, "");
    let agent = Agent::start(&server.path(""), &[&stranger, &server.identity()]);
    let mut options = options(&server);
    options.sftp.identity_files = Vec::new();
    options.sftp.agent_socket = Some(agent.socket().to_owned());
    first_answer(&server.location("repo"), &options).unwrap();

    drop(agent);
    let refused = denied(&server.location("repo"), &options);
    assert!(refused.contains("agent.socket"), "{refused}");
}

#[test]
fn a_large_read_over_a_long_way_costs_few_round_trips() {
    let server = SftpServer::start();
    fs::create_dir(server.path("repo")).unwrap();
    let config = noise(5, 4 << 20);
    fs::write(server.path("repo/config"), &config).unwrap();
    let round_trip = Duration::from_millis(100);
    let port = relay_to(server.port(), round_trip / 2);
    let mut options = options(&server);
    let line = fs::read_to_string(server.known_hosts()).unwrap();
    fs::write(server.path("far_hosts"), line.replace(&server.port().to_string(), &port.to_string())).unwrap();
    options.sftp.known_hosts_files = vec![server.path("far_hosts")];
    let location = server.location("repo").replacen(&server.port().to_string(), &port.to_string(), 1);
    let backend = open(&location, &once(options)).backend;
    let mut buffer = vec![0; config.len()];
    backend.read_at(FileId::CONFIG, 0, &mut buffer[..1]).unwrap();
    let start = Instant::now();
    backend.read_at(FileId::CONFIG, 0, &mut buffer).unwrap();
    let took = start.elapsed();
    assert!(buffer == config);
    // One request after another, of the 64 KiB that servers like, would take 64 round trips.
    assert!(took < round_trip * 24, "{took:?}");
}

#[test]
fn a_password_signs_in_where_the_server_takes_one() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config"), "config").unwrap();
    let server = PasswordServer::start(folder.path(), "joe", "hunter2");
    // The port and the user may come from the options, too.
    let with = |user: &str, password: &str| {
        let mut options = BackendOptions::default();
        options.sftp.port = Some(server.port());
        options.sftp.user = Some(user.to_owned());
        options.sftp.password = Some(Secret::new(password.to_owned()));
        options.sftp.known_hosts_files = vec![server.known_hosts()];
        options
    };
    assert_eq!(first_answer("sftp:127.0.0.1:/", &with("joe", "hunter2")).unwrap(), b"config");
    assert_eq!(first_answer("sftp:joe@127.0.0.1:.", &with("other", "hunter2")).unwrap(), b"config");
    for (user, password) in [("joe", "hunter3"), ("other", "hunter2")] {
        let refused = denied("sftp:127.0.0.1:/", &with(user, password));
        assert!(refused.contains("password") && !refused.contains("hunter"), "{refused}");
    }
}

#[test]
fn an_sftp_server_that_does_not_answer_is_told_apart_from_one_that_is_not_there() {
    let mut options = BackendOptions::default();
    options.sftp.user = Some("joe".to_owned());
    let location = |port| format!("sftp://127.0.0.1:{port}//repo");
    check_refused_port(&options, location);
    check_silent_server(&options, location);
}

#[test]
fn an_sftp_server_that_returns_is_read_on() {
    let mut server = SftpServer::start();
    server.restic("repo").init_and_back_up(&source(&server.path("")));
    let (location, options, port) = (server.location("repo"), options(&server), server.port());
    check_return(&location, &options, port, &mut server, SftpServer::stop, SftpServer::start_again);
}

#[test]
fn an_sftp_server_keeps_what_is_written() {
    let server = SftpServer::start();
    let its = options(&server);
    writing::check_writes(&server.location("some/new/place"), &its);
    writing::check_same_writers(&server.location("some/new/place"), &its);
    writing::check_limits(&server.location("some/new/place"), &its);
    writing::check_restic_reads(&server.location("copy"), &its, &server.path(""), &server.restic("copy"));
    writing::check_cut(&server.location("repo"), &its, || {
        let port = cut_once(server.port(), 3 << 20);
        let line = fs::read_to_string(server.known_hosts()).unwrap();
        let known = server.path(&format!("hosts-{port}"));
        fs::write(&known, line.replace(&server.port().to_string(), &port.to_string())).unwrap();
        let mut its = its.clone();
        its.sftp.known_hosts_files = vec![known];
        (server.location("repo").replacen(&server.port().to_string(), &port.to_string(), 1), its)
    });
    let mut joe = BackendOptions::default();
    joe.sftp.user = Some("joe".to_owned());
    writing::check_silent_server(&joe, |port| format!("sftp://127.0.0.1:{port}//repo"));
}

#[test]
fn an_sftp_server_without_room_or_rights_says_so() {
    let server = SftpServer::start();
    let disk = SmallDisk::mount(server.path("repo"), "size=6m");
    let storage = writing::open(&server.location("repo"), &once(options(&server))).storage;
    storage.create().unwrap();
    storage.write(FileId::CONFIG, &b"config".to_vec().into()).unwrap();
    let (name, content) = writing::file(FileKind::Pack, &noise(9, 8 << 20));
    let error = storage.write(name, &content).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoSpace, "{}", error.chain());
    assert_eq!(storage.list(FileKind::Pack).unwrap(), []);
    let (small, content) = writing::file(FileKind::Pack, &noise(10, 1 << 20));
    bygone_tests::process::wait_until("the unfinished file to be gone", || storage.write(small, &content).is_ok());

    disk.make_read_only();
    for error in [storage.write(small, &content).unwrap_err(), storage.remove(small).unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Denied, "{}", error.chain());
    }
    assert!(storage.read(small).unwrap() == content.to_vec());

    let nowhere = writing::open(&server.location("nowhere"), &once(options(&server))).storage;
    for error in [nowhere.write(small, &content).unwrap_err(), nowhere.remove(small).unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::NotARepository, "{}", error.chain());
    }
    assert!(!server.path("nowhere").exists());
}

#[test]
fn an_sftp_server_without_extensions_keeps_what_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let server = PasswordServer::start(folder.path(), "joe", "hunter2");
    let mut options = BackendOptions::default();
    options.sftp.port = Some(server.port());
    options.sftp.user = Some("joe".to_owned());
    options.sftp.password = Some(Secret::new("hunter2".to_owned()));
    options.sftp.known_hosts_files = vec![server.known_hosts()];
    writing::check_writes("sftp:127.0.0.1:repo", &options);
}
