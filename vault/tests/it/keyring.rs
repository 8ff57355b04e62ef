//! The kernel's keyring, for those who unlock once and open often.
#![cfg(target_os = "linux")]

use std::time::Duration;

use bygone_vault::{MasterKey, keyring};

#[test]
fn a_key_is_kept_for_its_location_until_it_is_forgotten() {
    let location = format!("/tests/keyring/{}", std::process::id());
    let key = MasterKey::new(bygone_common::Secret::new([42; 64]));
    assert!(keyring::load(&location).unwrap().is_none());
    keyring::store(&location, &key, Duration::from_secs(60)).unwrap();
    let loaded = keyring::load(&location).unwrap().unwrap();
    assert!(loaded.bytes().expose() == key.bytes().expose());
    assert!(keyring::load("/tests/keyring/another").unwrap().is_none());
    assert!(keyring::forget(&location).unwrap());
    assert!(keyring::load(&location).unwrap().is_none());
    assert!(!keyring::forget(&location).unwrap());
}
