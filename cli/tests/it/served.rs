//! A server's snapshots in the place of a repository: the verbs that read, and a drive, under the rights of whoever signed in.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bygone_common::access::{Effect, Use};
use bygone_common::{AgentUid, Clock, OrgUid, RepositoryUid, SourceUid, UserUid};
use bygone_server::secrets::Purpose;
use bygone_server::{Config, Roles, Server};
use bygone_store::api_tokens::NewApiToken;
use bygone_store::grants::{NewGrant, Terms};
use bygone_store::orgs::{NewOrg, Quota};
use bygone_store::repositories::{AgentRoute, NewRepository, StorageClass};
use bygone_store::scopes::Scopes;
use bygone_store::sources::{NewSource, Visibility};
use bygone_store::users::NewUser;
use bygone_store::{Actor, Role, Who};
use bygone_tests::compare::{Aspects, assert_same};
use bygone_tests::noise::noise;
use bygone_tests::restic::{PASSWORD, Restic};
use jiff::SignedDuration;
use tokio::runtime::Runtime;

use crate::program::Program;

/// A server on this machine, with the snapshots of one source.
struct Served {
    folder: tempfile::TempDir,
    runtime: Runtime,
    server: Option<Server>,
    port: u16,
    org: OrgUid,
    source: SourceUid,
}

impl Served {
    /// One snapshot of the folders of Anna and Bob.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "home/anna/letter.txt", b"dear Bob\n");
        write(folder.path(), "home/anna/films/long", &noise(1, 9 << 20));
        write(folder.path(), "home/anna/secret/diary", b"not for anybody\n");
        write(folder.path(), "home/bob/letter.txt", b"dear Anna\n");
        for number in 0..200_u64 {
            write(folder.path(), &format!("home/anna/small/{number:03}"), &noise(number, 300 + number as usize));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let nobody: (OrgUid, SourceUid) = (uid(1), uid(2));
        let mut served =
            Self { folder, runtime, server: None, port: bygone_tests::ports::free(), org: nobody.0, source: nobody.1 };
        served.start();
        (served.org, served.source) = served.runtime.block_on(served.fill());
        served
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn start(&mut self) {
        let variables = BTreeMap::from([
            ("SERVER__DATA".to_owned(), self.folder.path().join("data").to_str().unwrap().to_owned()),
            ("SERVER__LISTEN".to_owned(), format!("127.0.0.1:{}", self.port)),
            ("SERVER__AGENT_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("SERVER__DRAIN_SECONDS".to_owned(), "1".to_owned()),
        ]);
        let config = Config::parse("", &variables).unwrap();
        let started = Server::start(config, Clock::real(jiff::Timestamp::now), Roles::ALL);
        self.server = Some(self.runtime.block_on(started).unwrap());
    }

    fn stop(&mut self) {
        let server = self.server.take().unwrap();
        self.runtime.block_on(server.stop());
    }

    fn admin(&self, org: OrgUid) -> Actor {
        let store = &self.server.as_ref().unwrap().app().store;
        Actor::new(Who::User(store.uid(UserUid::new)), Some(org), Role::Admin)
    }

    async fn fill(&self) -> (OrgUid, SourceUid) {
        let app = self.server.as_ref().unwrap().app();
        let root = Actor::new(Who::System("test"), None, Role::Root);
        let new = NewOrg { name: "acme".to_owned(), title: "acme".to_owned(), quota: Quota::default() };
        let org = app.store.orgs().create(&root, &new).await.unwrap().uid;
        let admin = self.admin(org);
        let uid = app.store.uid(RepositoryUid::new);
        let location = app.storages.managed("acme", "main").to_string();
        let (at, home) = (location.clone(), self.home());
        let saved = tokio::task::spawn_blocking(move || {
            let restic = Restic::new(at);
            restic.run(&["init"]);
            restic.run(&["backup", "--host", "pc", home.to_str().unwrap()]);
        });
        saved.await.unwrap();
        let sealed = app.secrets.seal(Purpose::RepositoryPassword, &uid.to_string(), PASSWORD.as_bytes()).unwrap();
        let new = NewRepository {
            uid,
            name: "main".to_owned(),
            location,
            credential: None,
            password_sealed: sealed,
            restic_id: String::new(),
            format: 2,
            class: StorageClass::Hot,
            agent_route: AgentRoute::Gateway,
            worm_days: None,
            bytes_max: None,
            adopted: false,
        };
        app.store.repositories().create(&admin, org, &new).await.unwrap();
        let agent = app.store.uid(AgentUid::new);
        let row = format!(
            "insert into agents (uid, org_id, name, state, facts, created_at, version) \
             values ('{agent}', '{org}', 'pc', 'active', '{{}}', 0, 1)"
        );
        let mut tx = app.store.begin().await.unwrap();
        tx.execute_for_tests(Box::leak(row.into_boxed_str())).await.unwrap();
        tx.commit().await.unwrap();
        let new = NewSource {
            agent,
            owner: None,
            name: "family".to_owned(),
            host: Some("pc".to_owned()),
            paths: vec![self.home().to_str().unwrap().to_owned()],
            visibility: Visibility::Granted,
            restore_approval: false,
        };
        let source = app.store.sources().create(&admin, org, &new).await.unwrap().uid;
        bygone_server::catalog::refresh(app, org, uid).await.unwrap();
        (org, source)
    }

    /// Somebody with grants below the folder of homes, and their API token in a file.
    fn person(&self, name: &str, grants: &[(&str, Effect)]) -> PathBuf {
        let store = &self.server.as_ref().unwrap().app().store;
        let admin = self.admin(self.org);
        let secret = format!("bygone_{name}");
        let hash = ring::digest::digest(&ring::digest::SHA256, secret.as_bytes());
        let made = async {
            let email = format!("{name}@example.test");
            let new = NewUser { email, name: name.to_owned(), role: Role::User, provider: None };
            let user = store.users().create(&admin, Some(self.org), &new).await.unwrap();
            let token = NewApiToken {
                name: "test".to_owned(),
                prefix: "bygone_".to_owned(),
                hash: hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect(),
                scopes: Scopes::parse(&["sources:read", "snapshots:read", "snapshots:export"]).unwrap(),
                expires_at: store.now() + SignedDuration::from_hours(24),
            };
            let actor = Actor::new(Who::User(user.uid), Some(self.org), Role::User);
            store.api_tokens().create(&actor, &token).await.unwrap();
            for (path, effect) in grants {
                let path = self.home().join(path).to_str().unwrap().trim_end_matches('/').to_owned();
                let uses = vec![Use::See, Use::Preview, Use::Download];
                let new = NewGrant {
                    user: user.uid,
                    source: self.source,
                    path,
                    effect: *effect,
                    uses,
                    terms: Terms::default(),
                };
                store.grants().create(&admin, self.org, &new).await.unwrap();
            }
        };
        self.runtime.block_on(made);
        let file = self.folder.path().join(name);
        fs::write(&file, secret).unwrap();
        file
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// `bygone --server …`, as whoever has a token.
    fn bygone(&self, token: &Path, arguments: &[&str]) -> Program {
        Program::bygone(self.folder.path())
            .env("BYGONE_API_TOKEN_FILE", token)
            .arguments(&["--server", &self.url()])
            .arguments(arguments)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if self.server.is_some() {
            self.stop();
        }
    }
}

/// A uid that stands for none yet.
fn uid<U: std::str::FromStr<Err: std::fmt::Debug>>(number: u32) -> U {
    format!("01900000-0000-7000-8000-{number:012}").parse().unwrap()
}

fn write(folder: &Path, path: &str, content: &[u8]) {
    let file = folder.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, content).unwrap();
}

#[test]
fn find_looks_where_the_servers_index_says_and_finds_the_same_as_everywhere() {
    let served = Served::new();
    let anna = served.person("anna", &[("anna", Effect::Allow), ("anna/secret", Effect::Deny)]);
    let portal = &served.server.as_ref().unwrap().app().portal;
    served.runtime.block_on(portal.catch_up(served.org)).unwrap();
    let find = |arguments: &[&str]| served.bygone(&anna, &[&["find", "--json"], arguments].concat());
    for (glob, regex, count) in [
        ("letter*", "^letter", 1),
        ("LETTER.txt", "^LETTER", 0),
        ("*/anna/small/00?", "/anna/small/00.$", 10),
        ("diary", "^diary$", 0),
    ] {
        let (asked, walked) = (find(&[glob]).lines(), find(&["--regex", regex]).lines());
        assert_eq!(asked, walked, "{glob}");
        assert_eq!(asked.len(), count, "{glob}: {asked:?}");
    }
    let loud = served.bygone(&anna, &["--verbose", "find", "letter*"]).run().stderr;
    assert!(loud.contains("the server's index says where to look"), "{loud}");
    // What an index cannot tell is looked for everywhere.
    assert_eq!(find(&["*"]).lines(), find(&["--regex", "."]).lines());
}

#[test]
fn the_verbs_that_read_show_what_was_granted_and_nothing_else() {
    let served = Served::new();
    let anna = served.person("anna", &[("anna", Effect::Allow), ("anna/secret", Effect::Deny)]);
    let home = served.home().to_str().unwrap().to_owned();
    let ls = |path: &str| served.bygone(&anna, &["ls", &format!("latest:{home}{path}")]).lines();
    let names = |path: &str| {
        let mut names: Vec<_> = ls(path).iter().map(|line| line.rsplit('/').next().unwrap().to_owned()).collect();
        names.retain(|name| !name.is_empty());
        names
    };
    assert_eq!(names(""), ["anna"], "the way to what is seen, and not what is beside it");
    assert_eq!(names("/anna"), ["films", "letter.txt", "small"]);
    let cat = |path: &str| served.bygone(&anna, &["cat", &format!("latest:{home}{path}")]);
    assert_eq!(cat("/anna/letter.txt").text(), "dear Bob\n");
    assert!(cat("/anna/films/long").bytes() == noise(1, 9 << 20));
    for hidden in ["/bob/letter.txt", "/anna/secret/diary"] {
        assert!(cat(hidden).fails(1).contains("does not exist"), "{hidden}");
    }
    let found = served.bygone(&anna, &["find", "letter*"]).lines();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(served.bygone(&anna, &["snapshots", "--json"]).json().as_array().unwrap().len(), 1);
    let nobody = served.person("nobody", &[]);
    assert!(served.bygone(&nobody, &["snapshots"]).fails(1).contains("shows you no source"));
    let wrong = served.folder.path().join("wrong");
    fs::write(&wrong, "bygone_wrong").unwrap();
    assert!(served.bygone(&wrong, &["snapshots"]).fails(1).starts_with("bygone: "));
    let unnamed = served.bygone(&anna, &["--source", "work", "snapshots"]).fails(1);
    assert!(unnamed.contains("family"), "{unnamed}");
}

#[test]
fn a_drive_shows_what_was_granted_and_outlasts_a_restart_of_the_server() {
    let mut served = Served::new();
    let anna = served.person("anna", &[("anna", Effect::Allow), ("anna/secret", Effect::Deny)]);
    let everything = served.person("everybody", &[("", Effect::Allow)]);
    let point = served.folder.path().join("point");
    fs::create_dir(&point).unwrap();
    served.bygone(&anna, &["mount", "-b", "latest", "point"]).bytes();
    let shown = point.join(served.home().strip_prefix("/").unwrap());
    let names = |folder: &Path| {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&shown), ["anna"]);
    assert_eq!(names(&shown.join("anna")), ["films", "letter.txt", "small"]);
    let aspects = Aspects { changed: false, ..Aspects::ALL };
    assert_same(&served.home().join("anna/small"), &shown.join("anna/small"), aspects);
    served.stop();
    served.start();
    assert!(fs::read(shown.join("anna/films/long")).unwrap() == noise(1, 9 << 20));
    served.bygone(&anna, &["umount", "point"]).bytes();
    // Nothing is partial to whoever may see all of it.
    served.bygone(&everything, &["mount", "-b", "latest", "point"]).bytes();
    assert_same(&served.home(), &shown, aspects);
    served.bygone(&everything, &["umount", "point"]).bytes();
}

#[test]
fn what_was_shown_is_read_no_more_once_it_is_taken_away() {
    let served = Served::new();
    let anna = served.person("anna", &[("anna", Effect::Allow)]);
    let point = served.folder.path().join("point");
    fs::create_dir(&point).unwrap();
    served.bygone(&anna, &["mount", "-b", "latest", "point"]).bytes();
    let shown = point.join(served.home().strip_prefix("/").unwrap());
    assert_eq!(fs::metadata(shown.join("anna/films/long")).unwrap().len(), 9 << 20);
    let app = served.server.as_ref().unwrap().app();
    let admin = served.admin(served.org);
    served.runtime.block_on(async {
        let page = bygone_store::Page::new(None, None).unwrap();
        let grants = app.store.grants().list(&admin, served.org, Default::default(), &page).await.unwrap();
        for grant in grants.items {
            app.store.grants().delete(&admin, served.org, grant.uid).await.unwrap();
        }
    });
    let error = fs::read(shown.join("anna/films/long")).unwrap_err();
    assert!(error.raw_os_error().is_some(), "{error}");
    served.bygone(&anna, &["umount", "point"]).bytes();
}

#[test]
fn login_by_a_browser_waits_until_somebody_confirms_its_code() {
    let served = Served::new();
    let anna = fs::read_to_string(served.person("anna", &[("anna", Effect::Allow)])).unwrap();
    let hash = |text: &str| hex::encode(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()));
    let store = served.server.as_ref().unwrap().app().store.clone();
    let bygone = |arguments: &[&str]| {
        Program::bygone(served.folder.path())
            .env("BYGONE_CONFIG_DIR", served.folder.path().join("config"))
            .arguments(arguments)
    };
    for is_let_in in [false, true] {
        let mut command = bygone(&["login", &served.url(), "--browser"]).command();
        // No browser opens where tests run on a screen.
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
        let mut login = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
        let mut told = std::io::BufReader::new(login.stderr.take().unwrap());
        let mut line = String::new();
        std::io::BufRead::read_line(&mut told, &mut line).unwrap();
        assert!(line.contains(&format!("{}/let-in", served.url())), "{line}");
        let code: String = line.trim().rsplit(' ').next().unwrap().replace('-', "");
        served.runtime.block_on(async {
            let token = store.api_tokens().by_hash(&Actor::installation("test"), &hash(anna.trim())).await.unwrap();
            let (_, user) = token.unwrap();
            let actor = Actor::new(Who::User(user.uid), user.org, user.role);
            match is_let_in {
                true => store.login_requests().confirm(&actor, &hash(&code)).await.unwrap(),
                false => store.login_requests().refuse(&actor, &hash(&code)).await.unwrap(),
            }
        });
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut told, &mut rest).unwrap();
        assert_eq!(login.wait().unwrap().success(), is_let_in, "{rest}");
        let expected = if is_let_in { "signed in to" } else { "refused in the browser" };
        assert!(rest.contains(expected), "{rest}");
    }
    assert_eq!(bygone(&["--server", &served.url(), "snapshots", "--json"]).json().as_array().unwrap().len(), 1);
    bygone(&["--quiet", "logout", &served.url()]).bytes();
    bygone(&["--server", &served.url(), "snapshots"]).fails(2);
}

#[test]
fn login_keeps_a_token_that_nobody_else_reads_and_logout_forgets_it() {
    let served = Served::new();
    let anna = served.person("anna", &[("anna", Effect::Allow)]);
    let bygone = |arguments: &[&str]| {
        Program::bygone(served.folder.path())
            .env("BYGONE_CONFIG_DIR", served.folder.path().join("config"))
            .arguments(arguments)
    };
    let told = bygone(&["--server", &served.url(), "snapshots"]).fails(2);
    assert!(told.contains("bygone login"), "{told}");
    bygone(&["--quiet", "login", &served.url(), "--token-file", anna.to_str().unwrap()]).bytes();
    let kept = served.folder.path().join("config/servers.json");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&kept).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(bygone(&["--server", &served.url(), "snapshots", "--json"]).json().as_array().unwrap().len(), 1);
    bygone(&["--quiet", "logout", &served.url()]).bytes();
    bygone(&["--server", &served.url(), "snapshots"]).fails(2);
    let wrong = served.folder.path().join("wrong");
    fs::write(&wrong, "bygone_wrong").unwrap();
    bygone(&["login", &served.url(), "--token-file", wrong.to_str().unwrap()]).fails(1);
}
