#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

/// Parses `text` and prints what it means, field by field.
fn meaning(text: &str) -> String {
    match Location::parse(text) {
        Ok(Location::Local(path)) => format!("local {}", path.display()),
        Ok(Location::S3(at)) => format!("s3 {} bucket={} prefix={}", at.endpoint(), at.bucket, at.prefix),
        Ok(Location::Sftp(at)) => format!(
            "sftp user={} host={} port={} path={}",
            at.user.as_deref().unwrap_or("-"),
            at.host,
            at.port.map_or("-".to_owned(), |port| port.to_string()),
            at.path
        ),
        Ok(Location::Rest(at)) => format!(
            "rest {} user={} password={}",
            at.url,
            at.user.as_deref().unwrap_or("-"),
            at.password.as_ref().map_or("-", |password| password.expose().as_str())
        ),
        Err(error) => error.to_string(),
    }
}

fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(meaning(text), *expected, "{text}");
    }
}

#[test]
fn what_no_scheme_claims_is_a_local_folder() {
    check(&[
        ("/srv/repo", "local /srv/repo"),
        ("dir1/dir2", "local dir1/dir2"),
        ("local:/srv/repo", "local /srv/repo"),
        ("local:dir1/dir2", "local dir1/dir2"),
        ("local:../dir", "local ../dir"),
        ("../a:b", "local ../a:b"),
        ("/dir1:foobar/dir2", "local /dir1:foobar/dir2"),
        (r"\dir1\dir2", r"local \dir1\dir2"),
        (r"c:\dir1\dir2", r"local c:\dir1\dir2"),
        ("C:/dir1/dir2", "local C:/dir1/dir2"),
        ("local:a:b", "local a:b"),
    ]);
}

#[test]
fn s3_locations_mean_what_restic_takes_them_for() {
    check(&[
        ("s3:https://host.example/repo", "s3 https://host.example bucket=repo prefix="),
        ("s3:https://host.example:9000/repo/a/b/", "s3 https://host.example:9000 bucket=repo prefix=a/b"),
        ("s3:http://127.0.0.1:8333/repo//a/./b/../c", "s3 http://127.0.0.1:8333 bucket=repo prefix=a/c"),
        ("s3:host.example/repo/a/b", "s3 https://host.example bucket=repo prefix=a/b"),
        ("s3:host.example:9000/repo", "s3 https://host.example:9000 bucket=repo prefix="),
        ("s3://eu-central-1/bucketname", "s3 https://eu-central-1 bucket=bucketname prefix="),
        ("s3:https://host/repo/with%20space", "s3 https://host bucket=repo prefix=with space"),
    ]);
}

#[test]
fn sftp_locations_mean_what_restic_takes_them_for() {
    check(&[
        ("sftp:user@host:/srv/repo", "sftp user=user host=host port=- path=/srv/repo"),
        ("sftp:host:srv/repo", "sftp user=- host=host port=- path=srv/repo"),
        ("sftp:host:", "sftp user=- host=host port=- path=."),
        ("sftp:user@corp.example@host:/r", "sftp user=user@corp.example host=host port=- path=/r"),
        ("sftp:user@[::1]:/r", "sftp user=user host=::1 port=- path=/r"),
        ("sftp:host:/a:b", "sftp user=- host=host port=- path=/a:b"),
        ("sftp://user@host/srv/repo", "sftp user=user host=host port=- path=srv/repo"),
        ("sftp://user@host//srv/repo", "sftp user=user host=host port=- path=/srv/repo"),
        ("sftp://user@host:2222//srv//repo/", "sftp user=user host=host port=2222 path=/srv/repo"),
        ("sftp://user@[::1]:2222//r", "sftp user=user host=::1 port=2222 path=/r"),
    ]);
}

#[test]
fn rest_locations_mean_what_restic_takes_them_for() {
    check(&[
        ("rest:http://host:8000/", "rest http://host:8000/ user=- password=-"),
        ("rest:https://host/a/b", "rest https://host/a/b/ user=- password=-"),
        ("rest:https://joe:pa%2Fss@host:8000/joe/", "rest https://host:8000/joe/ user=joe password=pa/ss"),
    ]);
}

#[test]
fn a_location_that_names_no_place_is_refused_by_name() {
    check(&[
        ("", "the repository's location is empty"),
        ("local:", "location \"local:\": it names no folder"),
        (
            "foobar:/dir",
            "location \"foobar:/dir\": it starts with no known kind of storage (local, s3, sftp, rest); a local folder of that name is written local:NAME",
        ),
        ("b2:bucket:/x", "location \"b2:bucket:/x\": storage of the kind \"b2\" is not supported"),
        ("s3:https://host", "location \"s3:https://host\": it names no bucket"),
        ("s3:host", "location \"s3:host\": it names no bucket"),
        ("s3:", "location \"s3:\": it names no host"),
        ("s3:host/bucket/../../x", "location \"s3:host/bucket/../../x\": its prefix leaves the bucket"),
        ("sftp:host", "location \"sftp:host\": it must be sftp:[user@]host:path"),
        ("sftp:@host:/x", "location \"sftp:@host:/x\": it names an empty user"),
        ("sftp://host", "location \"sftp://host\": it names no folder"),
        ("rest:host/x", "location \"rest:host/x\": it must be rest:http://… or rest:https://…"),
        ("rest:http://host/?a=b", "location \"rest:http://host/?a=b\": its URL holds a query (?) or a fragment (#)"),
    ]);
    let tilde = Location::parse("sftp:host:~/repo").unwrap_err().to_string();
    assert!(tilde.contains("tilde"), "{tilde}");
}

#[test]
fn what_is_printed_reads_back_as_the_same_place() {
    for text in [
        "/srv/repo",
        "dir",
        "local:a:b",
        "s3:https://host:9000/bucket/a/b",
        "s3:http://host/bucket",
        "sftp:user@host:/srv/repo",
        "sftp:[::1]:repo",
        "sftp://user@host:2222//srv/repo",
        "sftp://host:2222/srv/repo",
        "rest:https://host/a/",
        "rest:https://joe@host/a/",
    ] {
        let location = Location::parse(text).unwrap();
        assert_eq!(location.to_string(), text);
        assert_eq!(Location::parse(&location.to_string()).unwrap(), location, "{text}");
    }
}

#[test]
fn no_text_about_a_location_shows_its_password() {
    let location = Location::parse("rest:https://joe:hunter2@host:8000/joe/").unwrap();
    assert_eq!(location.to_string(), "rest:https://joe:***@host:8000/joe/");
    assert!(!format!("{location:?}").contains("hunter2"), "{location:?}");
    for text in [
        "rest:https://joe:hunter2@host:port/",
        "rest:https://joe:hunter2@host/?x",
        "rest:ftp://joe:hunter2@host/",
        "s3:https://key:hunter2@host/bucket",
        "s3://key:hunter2@host/bucket",
        "sftp://joe:hunter2@host//srv",
        "other://joe:hunter2@host/",
        "rest:https://joe:hun/ter2@host:99999/",
    ] {
        let error = Location::parse(text).unwrap_err();
        assert!(!error.chain().contains("ter2"), "{}", error.chain());
        assert!(error.to_string().contains("host"), "{error}");
    }
}
