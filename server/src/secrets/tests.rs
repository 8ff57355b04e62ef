#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;

const PURPOSE: Purpose = Purpose::RepositoryPassword;

#[test]
fn what_was_sealed_opens_for_its_purpose_and_row_alone() {
    let secrets = Secrets::ephemeral().unwrap();
    let sealed = secrets.seal(PURPOSE, "row 1", b"correct horse").unwrap();
    assert!(!sealed.windows(7).any(|part| part == b"correct"));
    assert_eq!(secrets.open_text(PURPOSE, "row 1", &sealed).unwrap().expose(), "correct horse");
    for (purpose, row) in [(PURPOSE, "row 2"), (Purpose::StorageCredential, "row 1")] {
        assert!(secrets.open(purpose, row, &sealed).is_err(), "{} {row}", purpose.name());
    }
}

#[test]
fn no_two_seals_are_alike_and_no_flipped_bit_opens() {
    let secrets = Secrets::ephemeral().unwrap();
    let sealed = secrets.seal(PURPOSE, "row", b"x").unwrap();
    assert_ne!(sealed, secrets.seal(PURPOSE, "row", b"x").unwrap());
    for at in 0..sealed.len() {
        let mut flipped = sealed.clone();
        flipped[at] ^= 1;
        assert!(secrets.open(PURPOSE, "row", &flipped).is_err(), "byte {at}");
        assert!(secrets.open(PURPOSE, "row", &sealed[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn names_of_purposes_are_distinct_and_hold_no_separator() {
    let names: std::collections::HashSet<&str> = Purpose::ALL.iter().map(|purpose| purpose.name()).collect();
    assert_eq!(names.len(), Purpose::ALL.len());
    assert!(names.iter().all(|name| !name.contains('\0')));
}

#[cfg(unix)]
mod files {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_file_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("installation.key");
        let first = Secrets::load(KeySource::File(path.clone())).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let again = Secrets::load(KeySource::File(path.clone())).unwrap();
        assert_eq!(first.current(), again.current());
        let sealed = first.seal(PURPOSE, "row", b"secret").unwrap();
        assert_eq!(again.open(PURPOSE, "row", &sealed).unwrap().expose(), b"secret");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_key_file_that_others_may_read_or_that_holds_no_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        Secrets::load(KeySource::File(path.clone())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let refused = Secrets::load(KeySource::File(path.clone())).unwrap_err().to_string();
        assert!(refused.contains("chmod 600"), "{refused}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        for text in ["", "abc", "zz"] {
            fs::write(&path, text).unwrap();
            assert!(Secrets::load(KeySource::File(path.clone())).is_err(), "{text:?}");
        }
    }

    #[test]
    fn while_keys_rotate_old_and_new_open_and_other_replicas_follow() {
        let folder = tempfile::tempdir().unwrap();
        let source = KeySource::File(folder.path().join("key"));
        let (one, other) = (Secrets::load(source.clone()).unwrap(), Secrets::load(source).unwrap());
        let old = one.seal(PURPOSE, "row", b"old").unwrap();
        let before = one.current();
        one.begin_rotation().unwrap();
        assert_ne!(one.current(), before);
        let new = one.seal(PURPOSE, "row", b"new").unwrap();
        assert_eq!(other.open(PURPOSE, "row", &new).unwrap().expose(), b"new");
        for secrets in [&one, &other] {
            assert_eq!(secrets.open(PURPOSE, "row", &old).unwrap().expose(), b"old");
        }
        one.end_rotation().unwrap();
        assert_eq!(one.known().len(), 1);
        let refused = one.open(PURPOSE, "row", &old).unwrap_err().to_string();
        assert!(refused.contains("not known"), "{refused}");
    }

    #[test]
    fn a_command_may_print_the_key_and_a_variable_hold_it() {
        let hex = "0f".repeat(KEY_BYTES);
        let command = KeySource::Command(["/bin/echo".to_owned(), hex.clone()].to_vec());
        let given = KeySource::given(&Secret::new(hex)).unwrap();
        let (command, given) = (Secrets::load(command).unwrap(), Secrets::load(given).unwrap());
        assert_eq!(command.current(), given.current());
        assert!(given.begin_rotation().is_err());
        assert!(Secrets::load(KeySource::Command(vec!["/bin/false".to_owned()])).is_err());
    }
}

#[test]
fn what_a_replica_signs_is_known_by_every_key_in_rotation_and_by_no_other() {
    let (old, new) = (source::random_key().unwrap(), source::random_key().unwrap());
    let before = Secrets::load(KeySource::Given(vec![old.clone()])).unwrap();
    let after = Secrets::load(KeySource::Given(vec![new, old])).unwrap();
    let signature = before.sign("a text").unwrap();
    assert!(before.is_signed("a text", &signature) && after.is_signed("a text", &signature));
    assert!(!before.is_signed("another text", &signature));
    assert!(!before.is_signed("a text", &after.sign("a text").unwrap()), "it does not know the new key yet");
    for wrong in ["", "zz", &signature[2..], &"0".repeat(64)] {
        assert!(!after.is_signed("a text", wrong), "{wrong}");
    }
    assert!(!Secrets::ephemeral().unwrap().is_signed("a text", &signature));
}
