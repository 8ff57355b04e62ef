#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

/// What a configuration says of a host.
fn read(text: &str, host: &str) -> Result<HostConfig> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    fs::write(&path, text).unwrap();
    HostConfig::read(&[path, folder.path().join("missing")], None, host)
}

/// With everything that OpenSSH's grammar has for us.
const CONFIG: &str = r#"
# The first value counts.
Host backup
    HostName backup.example.com
    User=ann
  port = 2222
    IdentityFile ~/.ssh/backup key
    IdentityFile "~/.ssh/second key"
Host *.example.com !secret.example.com
    User	joe   # a comment
    HostName %h.internal
    UserKnownHostsFile /first "/second file"
HOST backup other "quoted"
    Port 99
    user nobody
    IdentityFile third
Match host backup
    User matched
    HostName elsewhere
Match all
    IdentityFile last
    Port 2200
    UserKnownHostsFile /third
    SendEnv LANG
Host proxied
    ProxyJump gate
    ProxyCommand none
"#;

#[test]
fn the_first_value_counts_and_identity_files_add_up() {
    let backup = read(CONFIG, "backup").unwrap();
    assert_eq!(backup.host_name.as_deref(), Some("backup.example.com"));
    assert_eq!((backup.user.as_deref(), backup.port), (Some("ann"), Some(2222)));
    assert_eq!(backup.identity_files, ["~/.ssh/backup", "~/.ssh/second key", "third", "last"]);
    assert_eq!(backup.known_hosts_files, ["/third"]);
    assert_eq!(backup.proxy, None);
    assert_eq!(read(CONFIG, "proxied").unwrap().proxy.as_deref(), Some("gate"));
    let one = read(CONFIG, "one.example.com").unwrap();
    assert_eq!((one.user.as_deref(), one.host_name.as_deref()), (Some("joe"), Some("%h.internal")));
    assert_eq!(one.known_hosts_files, ["/first", "/second file"]);
    assert_eq!(read(CONFIG, "secret.example.com").unwrap().user, None);
}

/// OpenSSH is the judge: `ssh -G` prints what it would do.
#[cfg(unix)]
#[test]
fn openssh_reads_it_the_same() {
    use std::process::Command;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    // `ssh` refuses more than one word here, which the grammar allows us to pass over; and it evaluates what we leave out.
    let text = CONFIG.replace("backup key\n", "backup\n").replace("Match host backup", "Match host nobody");
    fs::create_dir(folder.path().join("more")).unwrap();
    fs::write(folder.path().join("more/1.conf"), "Host included\nPort 1\n").unwrap();
    fs::write(folder.path().join("more/2.conf"), "User two\nPort 2\nHost included other\nUser three\n").unwrap();
    fs::write(folder.path().join("more/.3.conf"), "Host *\nUser hidden\n").unwrap();
    let include = format!("Include {}/more/*.conf\n", folder.path().display());
    let text = format!("Host inside\n{include}Host included nowhere\n{include}{text}");
    fs::write(&path, text).unwrap();
    for host in ["backup", "one.example.com", "secret.example.com", "quoted", "other", "included", "inside", "nowhere"]
    {
        let output = Command::new(bygone_tests::tools::tool("ssh")).arg("-G").arg("-F").arg(&path).arg(host).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let output = String::from_utf8(output.stdout).unwrap();
        let told = |keyword: &str| -> Vec<&str> {
            output.lines().filter_map(|line| line.strip_prefix(keyword)?.strip_prefix(' ')).collect()
        };
        let ours = HostConfig::read(std::slice::from_ref(&path), None, host).unwrap();
        let name = ours.host_name.map_or(host.to_owned(), |name| expanded(&name, &[('h', host)]));
        assert_eq!(told("hostname"), [name], "{host}");
        assert_eq!(told("port"), [ours.port.unwrap_or(22).to_string()], "{host}");
        if let Some(user) = ours.user {
            assert_eq!(told("user"), [user], "{host}");
        }
        assert_eq!(told("identityfile"), ours.identity_files, "{host}");
        assert_eq!(told("userknownhostsfile"), [ours.known_hosts_files.join(" ")], "{host}");
    }
}

#[test]
fn included_files_begin_beside_the_file_or_at_home() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    fs::create_dir_all(home.join("hosts")).unwrap();
    fs::write(folder.path().join("config"), "Include beside missing\nInclude ~/hosts/*\n").unwrap();
    fs::write(folder.path().join("beside"), "Host one\nPort 1\n").unwrap();
    fs::write(home.join("hosts/a"), "Host two\nPort 2\n").unwrap();
    fs::write(home.join("hosts/b"), "Host *\nPort 3\n").unwrap();
    for (host, port) in [("one", 1), ("two", 2), ("three", 3)] {
        let found = HostConfig::read(&[folder.path().join("config")], Some(&home), host).unwrap();
        assert_eq!(found.port, Some(port), "{host}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_by_file_and_line() {
    for (text, told) in [
        ("\nPort many", ":2: a port is a number"),
        ("Port 0", ":1: a port is a number"),
        ("User", ":1: it gives no value"),
        ("Include config", ":1: files include each other too deep"),
    ] {
        let error = read(text, "host").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(told), "{error}");
    }
    // Only for hosts that are meant.
    assert_eq!(read("Host other\nPort many", "host").unwrap(), HostConfig::default());
}

#[test]
fn tokens_are_replaced_and_unknown_ones_stay() {
    let tokens = [('h', "host"), ('r', "joe")];
    for (text, expected) in [("%h", "host"), ("/k/%r@%h", "/k/joe@host"), ("100%%h", "100%h"), ("%x%", "%x%")] {
        assert_eq!(expanded(text, &tokens), expected);
    }
}
