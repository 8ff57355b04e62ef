//! A server's snapshots in the place of a repository: the verbs that read, and a drive, under the rights of whoever signed in.

mod drive;
mod fixture;

use std::fs;

use bygone_common::access::Effect;
use bygone_store::{Actor, Who};
use bygone_tests::noise::noise;

use crate::program::Program;
use fixture::Served;

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
