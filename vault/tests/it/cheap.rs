//! A repository of stock restic that opens fast: its key is derived by a scrypt that costs next to nothing, so that a
//! test may run restic a hundred times.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bygone_common::{Id, Secret};
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_vault::backend::{self, BackendOptions, SharedBackend, SharedStorage};
use bygone_vault::{Engine, EngineOptions, MasterKey, OpenOptions, Repository, Unlock};
use serde_json::json;
use sha2::{Digest, Sha256};

/// As little as scrypt allows.
const COST: u8 = 1;
const SALT: [u8; 64] = [7; 64];

pub(crate) struct Cheap {
    folder: tempfile::TempDir,
    pub(crate) restic: Restic,
    pub(crate) key: MasterKey,
}

pub(crate) fn id_of(bytes: &[u8]) -> Id {
    Id::new(Sha256::digest(bytes).into())
}

/// The storage in a folder, for writing.
pub(crate) fn storage_at(path: &Path) -> SharedStorage {
    let location = path.to_str().unwrap().parse().unwrap();
    backend::open_storage(&location, &BackendOptions::default()).unwrap().storage
}

impl Cheap {
    pub(crate) fn new(version: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("repository");
        let restic = Restic::new(path.to_str().unwrap()).arguments(&["--no-cache", "--quiet"]).env("TZ", "UTC");
        restic.run(&["init", "--repository-version", version]);
        let options = OpenOptions::default();
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let backend = backend::open(&path.to_str().unwrap().parse().unwrap(), &BackendOptions::default()).unwrap();
        let unlock = Unlock::Password(Secret::new(PASSWORD.to_owned()));
        let key = Repository::open(&engine, backend.backend, unlock, options).unwrap().master_key().clone();
        let cheap = Self { folder, restic, key };
        cheap.replace_key();
        cheap
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    /// A folder beside the repository.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The repository's storage, decorated as in real life.
    pub(crate) fn backend(&self) -> SharedBackend {
        let location = self.path().to_str().unwrap().parse().unwrap();
        backend::open(&location, &BackendOptions::default()).unwrap().backend
    }

    /// The repository's storage, for writing.
    pub(crate) fn storage(&self) -> SharedStorage {
        storage_at(&self.path())
    }

    /// Its files of a kind, the largest first: of `data`, a pack of files' content.
    pub(crate) fn files(&self, kind: &str) -> Vec<PathBuf> {
        let mut todo = vec![self.path().join(kind)];
        let mut files = Vec::new();
        while let Some(path) = todo.pop() {
            if path.is_dir() {
                todo.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else {
                files.push(path);
            }
        }
        files.sort_by_key(|path| std::cmp::Reverse(path.metadata().unwrap().len()));
        files
    }

    pub(crate) fn open(&self) -> Repository {
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let unlock = Unlock::MasterKey(Box::new(self.key.clone()));
        Repository::open(&engine, self.backend(), unlock, OpenOptions::default()).unwrap()
    }

    /// Seals JSON and writes it as a file of `kind`; answers its name. `number` tells the nonces of files apart.
    pub(crate) fn forge(&self, kind: &str, number: u64, json: &serde_json::Value) -> Id {
        let mut nonce = [kind.as_bytes()[0]; 16];
        nonce[..8].copy_from_slice(&number.to_le_bytes());
        let sealed = self.key.seal(nonce, json.to_string().as_bytes());
        let id = id_of(&sealed);
        fs::write(self.path().join(kind).join(id.to_string()), sealed).unwrap();
        id
    }

    fn replace_key(&self) {
        let mut derived = [0; 64];
        let params = scrypt::Params::new(COST, 1, 1).unwrap();
        scrypt::scrypt(PASSWORD.as_bytes(), &SALT, &params, &mut derived).unwrap();
        let bytes = *self.key.bytes().expose();
        let wrapped = json!({
            "mac": { "k": STANDARD.encode(&bytes[32..48]), "r": STANDARD.encode(&bytes[48..]) },
            "encrypt": STANDARD.encode(&bytes[..32]),
        });
        let data = MasterKey::new(Secret::new(derived)).seal([9; 16], wrapped.to_string().as_bytes());
        let file = json!({
            "created": "2026-11-20T10:00:00Z", "username": "user", "hostname": "host", "kdf": "scrypt",
            "N": 1_u64 << COST, "r": 1, "p": 1, "salt": STANDARD.encode(SALT), "data": STANDARD.encode(data),
        });
        let file = file.to_string().into_bytes();
        let keys = self.path().join("keys");
        let old: Vec<_> = fs::read_dir(&keys).unwrap().map(|entry| entry.unwrap().path()).collect();
        fs::write(keys.join(id_of(&file).to_string()), file).unwrap();
        for key in old {
            fs::remove_file(key).unwrap();
        }
    }
}
