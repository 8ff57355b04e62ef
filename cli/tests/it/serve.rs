//! `bygone serve` as people and systemd start it, and the verbs that look after a server.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, ChildStderr, Stdio};

use bygone_client::{ApiClient, Trust};
use bygone_common::{Clock, Secret};
use bygone_store::Store;
use bygone_tests::process::WAIT_MAX;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::program::Program;

const EMAIL: &str = "root@example.test";
const PASSWORD: &str = "correct horse battery staple";

/// `bygone` with a server's folder below `folder`.
fn bygone(folder: &Path, port: u16) -> Program {
    Program::bygone(folder)
        .env("BYGONE_SERVER__DATA", "data")
        .env("BYGONE_SERVER__LISTEN", format!("127.0.0.1:{port}"))
        .env("BYGONE_SERVER__AGENT_LISTEN", "127.0.0.1:0")
        .env("BYGONE_LOG__FORMAT", "json")
}

/// A server that runs, and what it says.
struct Serving {
    child: Child,
    said: BufReader<ChildStderr>,
}

impl Serving {
    fn start(program: Program) -> Self {
        let mut command = program.arguments(&["serve"]).command();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        Self { child, said }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.said.read_line(&mut line).unwrap() > 0, "it ended: {:?}", self.child.wait());
        line
    }

    /// Asks it to end, which it has to do in order; what it said until then.
    fn end(mut self) -> String {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.said, &mut rest).unwrap();
        assert!(self.child.wait().unwrap().success(), "{rest}");
        rest
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // One that has ended is as good.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn everything_that_is_wrong_with_a_configuration_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bygone.toml");
    fs::write(&file, "[server]\nlisten = '0.0.0.0:80'\ntypo = 1\n[storage]\nca_file = '/nowhere.pem'\n").unwrap();
    let check =
        |file: &Path| Program::bygone(folder.path()).arguments(&["serve", "--check", "--config"]).argument(file).run();
    let refused = check(&file);
    assert_eq!(refused.code, Some(2));
    let lines: Vec<&str> = refused.stderr.lines().collect();
    assert_eq!(lines.len(), 4, "{lines:#?}");
    for (line, place) in lines.iter().zip(["server.listen", "server.typo", "storage.ca_file"]) {
        assert!(line.starts_with(&format!("bygone: {place}: ")), "{lines:#?}");
    }
    assert_eq!(lines[3], "bygone: the configuration has 3 faults");
    fs::write(&file, format!("[server]\ndata = '{}'\n", folder.path().join("data").display())).unwrap();
    let sound = check(&file);
    assert_eq!((sound.code, sound.stderr.as_str()), (Some(0), "the configuration is sound\n"));
    assert!(!folder.path().join("data").exists(), "nothing is made");
}

#[test]
fn a_server_needs_nothing_but_a_folder_and_tells_systemd_how_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let port = bygone_tests::ports::free();
    let systemd = folder.path().join("notify");
    let told = UnixDatagram::bind(&systemd).unwrap();
    told.set_read_timeout(Some(WAIT_MAX)).unwrap();
    let hears = |wanted: &str| {
        let mut room = [0; 512];
        loop {
            let count = told.recv(&mut room).unwrap();
            let said = String::from_utf8_lossy(&room[..count]).into_owned();
            if said.lines().any(|line| line == wanted) {
                return;
            }
        }
    };
    let watched = || bygone(folder.path(), port).env("NOTIFY_SOCKET", &systemd).env("WATCHDOG_USEC", "1000000");
    let mut server = Serving::start(watched());
    let link = loop {
        let line = server.line();
        match line.split_once("to make the first administrator: ") {
            Some((_, link)) => break link.trim().to_owned(),
            // Until then each line is a JSON object.
            None => assert!(serde_json::from_str::<Value>(&line).unwrap()["level"].is_string(), "{line}"),
        }
    };
    hears("READY=1");
    hears("WATCHDOG=1");
    for made in ["bygone.db", "installation.key"] {
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &fs::metadata(folder.path().join("data").join(made)).unwrap().permissions(),
        );
        assert_eq!(mode & 0o077, 0, "{made}: its owner's alone");
    }
    let (url, token) = link.split_once("/set-up#").unwrap();
    let body = json!({ "token": token, "email": EMAIL, "name": "Root", "password": PASSWORD });
    let runtime = Runtime::new().unwrap();
    let org: Value = runtime.block_on(async {
        let nobody = ApiClient::new(url, &Trust::Plain, None).unwrap();
        let made: Value = nobody.post("/api/v1/set-up", &body).await.unwrap().unwrap();
        assert_eq!(made["role"], "root");
        nobody.post::<Value>("/api/v1/set-up", &body).await.unwrap_err();
        let root = nobody.sign_in(EMAIL, &Secret::new(PASSWORD.to_owned()), None).await.unwrap();
        root.post("/api/v1/orgs", &json!({ "name": "acme", "title": "Acme" })).await.unwrap().unwrap()
    });
    let said = server.end();
    hears("STOPPING=1");
    assert!(!said.contains(token) && !said.contains(PASSWORD), "{said}");
    // Once somebody runs it there is no link any more.
    let mut again = Serving::start(watched());
    hears("READY=1");
    let first = again.line();
    let said = first + &again.end();
    assert!(!said.contains("/set-up#"), "{said}");

    let verify = || bygone(folder.path(), port).arguments(&["--json", "audit", "verify"]);
    let chains = verify().json();
    let states: Vec<_> = chains.as_array().unwrap().iter().map(|chain| chain["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["intact", "intact"], "{chains}");
    rewrite(
        &runtime,
        folder.path(),
        "update audit set who = 'nobody' where action = 'create' and resource = 'organization'",
    );
    let broken = verify().run();
    assert_eq!(broken.code, Some(1));
    assert!(
        broken.stderr.contains("(installation): entry ") && broken.stderr.contains("1 of 2 chains"),
        "{}",
        broken.stderr
    );
    assert_eq!(org["name"], "acme");
}

/// What somebody does who has the database.
fn rewrite(runtime: &Runtime, folder: &Path, statement: &'static str) {
    runtime.block_on(async {
        let url = Store::file_url(&folder.join("data/bygone.db"));
        let store = Store::open(&url, Clock::real(jiff::Timestamp::now)).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.execute_for_tests(statement).await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
    });
}

#[test]
fn the_installation_key_is_changed_and_what_opens_repositories_is_put_away_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let port = bygone_tests::ports::free();
    let mut server = Serving::start(bygone(folder.path(), port));
    while !server.line().contains("to make the first administrator") {}
    server.end();
    let key = || fs::read_to_string(folder.path().join("data/installation.key")).unwrap();
    let before = key();
    let rotated = bygone(folder.path(), port).arguments(&["--json", "secrets", "rotate"]).json();
    // The authority's key.
    assert_eq!((&rotated["values"], &rotated["finished"]), (&json!(1), &json!(true)));
    assert!(key() != before && key().lines().count() == 1);
    let recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    let escrow = |to: &str, name: &str| {
        let program =
            bygone(folder.path(), port).arguments(&["secrets", "escrow", "--recipient", to, "--output", name]);
        program.run()
    };
    let put_away = escrow(recipient, "escrow.age");
    assert_eq!(put_away.code, Some(0), "{}", put_away.stderr);
    let sealed = fs::read(folder.path().join("escrow.age")).unwrap();
    assert!(sealed.starts_with(b"age-encryption.org/v1"), "what age opens");
    assert_eq!(escrow(recipient, "escrow.age").code, Some(1), "no file is written over");
    assert_eq!(escrow("age1nonsense", "other.age").code, Some(1));
    assert!(!folder.path().join("other.age").exists());
}
