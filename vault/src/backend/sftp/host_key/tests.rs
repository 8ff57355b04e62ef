#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEUCWnCvo6wx72BEuNdU6gsv/ZH2DJrlZgzdpYGVnuAh";
const OTHER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICvVZzUtxSPDnDvqTIND1tsO2y2L6/8hLs79DcGrSpRD";
const ECDSA: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBIQNu85cGDL23vxxvOYrbWhhN6xxxR9X3BVZylP1nuNQxLT+9WItiKN24W3Uv83s0+T/JZyLpycXHUQOVxNu3E8=";
/// `example.com` and `[example.com]:2222` as `ssh-keygen -H` hashed them.
const HASHED: &str = "|1|WiuhXYoj7kEfqmyo+KqUONvJJa8=|njYofPMdF2zHIU0HO9tCOps2Yq8=";
const HASHED_2222: &str = "|1|x3MzuhjPxU0ctmLtOuDhtycIDi8=|VWfS3MVh/Gx6xAV2Zw3WWVF6mEQ=";

fn keys(text: &str, host: &str, port: u16) -> HostKeys {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("known_hosts");
    fs::write(&path, text).unwrap();
    HostKeys::load(&[path], None, host, port).unwrap()
}

fn key(line: &str) -> PublicKey {
    parse_public_key_base64(line.split(' ').nth(1).unwrap()).unwrap()
}

/// What the files `text` say of the server `host` that shows `shown`: "trusted" or a part of the refusal.
fn verdict(text: &str, host: &str, port: u16, shown: &str) -> &'static str {
    match keys(text, host, port).check(&key(shown)) {
        Ok(()) => "trusted",
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Denied);
            let text = error.to_string();
            ["HAS CHANGED", "is not known", "is revoked"].into_iter().find(|part| text.contains(part)).unwrap()
        }
    }
}

#[test]
fn a_line_names_hosts_in_every_form_of_the_format() {
    for (hosts, host, port, expected) in [
        ("example.com", "example.com", 22, "trusted"),
        ("example.com", "EXAMPLE.com", 22, "trusted"),
        ("example.com", "other.com", 22, "is not known"),
        ("a.com,example.com", "example.com", 22, "trusted"),
        ("[example.com]:2222", "example.com", 2222, "trusted"),
        ("[example.com]:2222", "example.com", 22, "is not known"),
        ("example.com", "example.com", 2222, "trusted"),
        ("*.example.com", "a.example.com", 22, "trusted"),
        ("*.example.com", "example.com", 22, "is not known"),
        ("a?.example.com", "a1.example.com", 22, "trusted"),
        ("*.example.com,!bad.example.com", "bad.example.com", 22, "is not known"),
        (HASHED, "example.com", 22, "trusted"),
        (HASHED, "example.org", 22, "is not known"),
        (HASHED_2222, "example.com", 2222, "trusted"),
        (HASHED_2222, "example.com", 22, "is not known"),
    ] {
        let text = format!("# comment\n\n{hosts}\t{ED25519} a comment\n");
        assert_eq!(verdict(&text, host, port, ED25519), expected, "{hosts} for {host}:{port}");
    }
}

#[test]
fn another_key_of_the_same_kind_is_a_changed_one() {
    let text = format!("example.com {OTHER}\n");
    assert_eq!(verdict(&text, "example.com", 22, ED25519), "HAS CHANGED");
    let error = keys(&text, "example.com", 22).check(&key(ED25519)).unwrap_err().to_string();
    assert!(error.contains("known_hosts:1") && error.contains("SHA256:"), "{error}");
}

#[test]
fn one_of_several_recorded_keys_is_enough() {
    let text = format!("example.com {OTHER}\nexample.com {ED25519}\n");
    assert_eq!(verdict(&text, "example.com", 22, ED25519), "trusted");
}

#[test]
fn a_key_of_another_kind_does_not_vouch_for_the_server() {
    assert_eq!(verdict(&format!("example.com {ECDSA}\n"), "example.com", 22, ED25519), "is not known");
}

#[test]
fn a_revoked_key_is_refused_though_another_line_trusts_it() {
    let text = format!("example.com {ED25519}\n@revoked * {ED25519}\n");
    assert_eq!(verdict(&text, "example.com", 22, ED25519), "is revoked");
}

#[test]
fn an_authority_for_certificates_vouches_for_no_bare_key() {
    assert_eq!(verdict(&format!("@cert-authority * {ED25519}\n"), "example.com", 22, ED25519), "is not known");
}

#[test]
fn the_refusal_of_an_unknown_server_says_what_to_do() {
    let error = keys("", "example.com", 2222).check(&key(ED25519)).unwrap_err().to_string();
    for part in [
        "example.com port 2222",
        "SHA256:G33y048hWRvRV5LxxZ31NuyDbfoHcsw1pvGLA6yzpn8",
        "ssh-keyscan -p 2222 example.com",
    ] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn the_server_is_asked_for_the_kind_of_key_that_is_known() {
    let preferred = keys(&format!("example.com {ECDSA}\n"), "example.com", 22).preferred();
    assert_eq!(preferred.key.first().unwrap().as_str(), "ecdsa-sha2-nistp256");
    assert_eq!(preferred.key.len(), Preferred::DEFAULT.key.len());
}

#[test]
fn files_that_do_not_exist_are_passed_over() {
    let keys = HostKeys::load(&[PathBuf::from("/nowhere/known_hosts")], None, "example.com", 22).unwrap();
    assert_eq!(keys.check(&key(ED25519)).unwrap_err().kind(), ErrorKind::Denied);
}
