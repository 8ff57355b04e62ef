//! What is wrong with what a configuration names: files that cannot be read, or do not hold what they should.

use std::path::Path;

use rustix::fs::{Access, AtFlags, CWD};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::{Config, Fault, TlsConfig, reader};
use crate::secrets::KeySource;
use crate::tls::FileCertificate;

impl Config {
    /// Everything that is wrong with a file and the variables that override it, and with the files that they name. Nothing
    /// is made, nobody is asked, and no command is run.
    pub fn faults(file: Option<&Path>, variables: impl IntoIterator<Item = (String, String)>) -> Vec<Fault> {
        let read = reader::given(file, variables).and_then(|(text, ours)| Self::read(&text, &ours));
        match read {
            Ok((config, mut faults)) => {
                faults.extend(named(&config));
                faults
            }
            Err(error) => error.faults,
        }
    }
}

fn named(config: &Config) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut look =
        |place: &str, found: Result<(), String>| faults.extend(found.err().map(|why| Fault::new(place, why)));
    look("server.data", place_of_folder(&config.data));
    if let TlsConfig::Files { certificate, key } = &config.tls {
        look("tls", FileCertificate::read(certificate, key).map(drop).map_err(|fault| fault.to_string()));
    }
    let key = KeySource::of(&config.secrets).and_then(|source| source.check());
    look("secrets", key.map_err(|fault| fault.to_string()));
    for root in &config.storage.local_roots {
        look("storage.local_roots", folder(root));
    }
    if let Some(file) = &config.storage.ca_file {
        look("storage.ca_file", authorities(file));
    }
    faults
}

/// What is not there yet is made at the start, below what is: that one must be a folder in which we may make things.
fn place_of_folder(path: &Path) -> Result<(), String> {
    let Some(place) = path.ancestors().find(|ancestor| ancestor.exists()) else { return Ok(()) };
    folder(place)?;
    let flags = AtFlags::EACCESS;
    let may_make = rustix::fs::accessat(CWD, place, Access::WRITE_OK | Access::EXEC_OK, flags);
    may_make.map_err(|fault| format!("{}: nothing can be made here: {fault}", place.display()))
}

fn folder(path: &Path) -> Result<(), String> {
    let told = |why: String| format!("{}: {why}", path.display());
    let found = std::fs::metadata(path).map_err(|fault| told(fault.to_string()))?;
    if found.is_dir() { Ok(()) } else { Err(told("is no folder".to_owned())) }
}

fn authorities(file: &Path) -> Result<(), String> {
    let told = |why: String| format!("{}: {why}", file.display());
    let found = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match found {
        Ok(found) if found.is_empty() => Err(told("holds no certificate".to_owned())),
        Ok(_) => Ok(()),
        Err(fault) => Err(told(fault.to_string())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn faults_of_the_text_and_of_the_files_that_it_names_are_told_together() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name).display().to_string();
        for name in ["file", "key", "ca.pem"] {
            std::fs::write(at(name), "nonsense").unwrap();
        }
        let text = format!(
            "[server]\ndata = '{}'\ntypo = 1\n[tls]\nmode = 'files'\ncertificate = '{}'\nkey = '{}'\n[secrets]\nkey_file = '{}'\n\
             [log]\nfilter = 'a=b=c'\n[storage]\nlocal_roots = ['{}']\nca_file = '{}'\n",
            at("file/below"),
            at("missing.pem"),
            at("key"),
            at("key"),
            at("missing"),
            at("ca.pem"),
        );
        std::fs::write(at("bygone.toml"), text).unwrap();
        let faults = Config::faults(Some(Path::new(&at("bygone.toml"))), []);
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let places =
            ["log.filter", "server.typo", "server.data", "tls", "secrets", "storage.local_roots", "storage.ca_file"];
        assert_eq!(told.len(), places.len(), "{told:#?}");
        for (fault, place) in told.iter().zip(places) {
            assert!(fault.starts_with(&format!("{place}: ")), "{place}: {told:#?}");
        }
        assert!(Config::faults(None, [("BYGONE_SERVER__DATA".to_owned(), at("new/below"))]).is_empty());
    }

    #[test]
    fn a_data_folder_in_which_nothing_can_be_made_is_a_fault() {
        use std::os::unix::fs::PermissionsExt as _;

        let place = tempfile::tempdir().unwrap();
        let closed = place.path().join("closed");
        std::fs::create_dir(&closed).unwrap();
        std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o500)).unwrap();
        let data = closed.join("data");
        let variables = [("BYGONE_SERVER__DATA".to_owned(), data.display().to_string())];
        let faults = Config::faults(None, variables);
        // Root makes things anywhere.
        let can = std::fs::create_dir(&data).is_ok();
        assert_eq!(faults.is_empty(), can, "{faults:?}");
        assert!(can || faults.iter().any(|fault| fault.to_string().contains("closed: nothing can be made here")));
    }

    #[test]
    fn a_folder_that_is_named_from_here_is_the_same_from_everywhere() {
        let variables = [("SERVER__DATA".to_owned(), "data".to_owned())].into();
        let config = Config::parse("", &variables).unwrap();
        let here = std::env::current_dir().unwrap();
        assert_eq!(config.data, here.join("data"));
        assert!(config.storage.policy(&config.data).folder.is_absolute());
    }
}
