//! A repository in memory, and a writer of the least that makes one: config, packs, an index file, snapshots.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bygone_common::{BlobId, Id, Secret, TreeId};
use bygone_vault::backend::{Backend, FileId, FileKind, Listed};
use bygone_vault::{Engine, EngineOptions, Error, ErrorKind, MasterKey, OpenOptions, Repository, Result, Unlock};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Blobs in one pack, so that there are several packs.
const BLOBS_PER_PACK: usize = 16;

/// The files of a repository.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) files: Mutex<BTreeMap<FileId, Vec<u8>>>,
}

impl Backend for Memory {
    fn location(&self) -> String {
        "memory".to_owned()
    }

    fn is_remote(&self) -> bool {
        false
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        let files = self.files.lock().unwrap();
        let listed = files.iter().filter(|(file, _)| file.kind == kind);
        Ok(listed.map(|(file, bytes)| Listed { id: file.id, size: bytes.len() as u64 }).collect())
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        let files = self.files.lock().unwrap();
        files.get(&file).cloned().ok_or_else(|| Error::new(ErrorKind::NotFound, format!("{file} does not exist")))
    }

    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let bytes = self.read(file)?;
        let at = usize::try_from(offset).unwrap();
        let wanted = bytes.get(at..at + buffer.len());
        buffer.copy_from_slice(wanted.ok_or_else(|| Error::new(ErrorKind::Damaged, format!("{file} is too short")))?);
        Ok(())
    }
}

/// Writes blobs, and then snapshots.
pub(crate) struct Writer {
    pub(crate) memory: Arc<Memory>,
    key: MasterKey,
    blobs: Vec<(Id, &'static str, Vec<u8>)>,
    sealed: u128,
}

impl Writer {
    pub(crate) fn new() -> Self {
        let key = MasterKey::new(Secret::new([7; 64]));
        let mut writer = Self { memory: Arc::default(), key, blobs: Vec::new(), sealed: 0 };
        let config = json!({"version": 2, "id": Id::new([1; 32]).to_hex(), "chunker_polynomial": "25b468838dcb75"});
        let sealed = writer.seal(config.to_string().as_bytes());
        writer.put(FileId::CONFIG, sealed);
        writer
    }

    /// Adds a piece of a file.
    pub(crate) fn data(&mut self, bytes: &[u8]) -> BlobId {
        BlobId(self.blob("data", bytes))
    }

    /// Adds a directory of these nodes, which are sorted already.
    pub(crate) fn tree(&mut self, nodes: Vec<Value>) -> TreeId {
        let text = format!("{}\n", json!({ "nodes": nodes }));
        TreeId(self.blob("tree", text.as_bytes()))
    }

    fn blob(&mut self, kind: &'static str, bytes: &[u8]) -> Id {
        let id = id_of(bytes);
        if !self.blobs.iter().any(|(known, _, _)| *known == id) {
            self.blobs.push((id, kind, bytes.to_vec()));
        }
        id
    }

    /// Writes what was added since the last time, and a snapshot.
    pub(crate) fn snapshot(&mut self, tree: TreeId, time: &str, host: &str) -> Id {
        let blobs = std::mem::take(&mut self.blobs);
        let mut packs = Vec::new();
        // Trees and data lie in packs of their own.
        for kind in ["tree", "data"] {
            let of_kind: Vec<_> = blobs.iter().filter(|(_, blob_kind, _)| *blob_kind == kind).collect();
            for group in of_kind.chunks(BLOBS_PER_PACK) {
                let (mut pack, mut lines) = (Vec::new(), Vec::new());
                for (id, _, bytes) in group {
                    let sealed = self.seal(bytes);
                    lines.push(json!({"id": id.to_hex(), "type": kind, "offset": pack.len(), "length": sealed.len()}));
                    pack.extend_from_slice(&sealed);
                }
                let id = id_of(&pack);
                packs.push(json!({"id": id.to_hex(), "blobs": lines}));
                self.put(FileId::new(FileKind::Pack, id), pack);
            }
        }
        self.put_sealed(FileKind::Index, &json!({ "packs": packs }));
        let snapshot = json!({"time": time, "tree": tree.to_string(), "hostname": host, "paths": ["/"]});
        self.put_sealed(FileKind::Snapshot, &snapshot)
    }

    fn put_sealed(&mut self, kind: FileKind, content: &Value) -> Id {
        let sealed = self.seal(content.to_string().as_bytes());
        let id = id_of(&sealed);
        self.put(FileId::new(kind, id), sealed);
        id
    }

    fn seal(&mut self, plain: &[u8]) -> Vec<u8> {
        self.sealed += 1;
        self.key.seal(self.sealed.to_le_bytes(), plain)
    }

    fn put(&self, file: FileId, bytes: Vec<u8>) {
        self.memory.files.lock().unwrap().insert(file, bytes);
    }

    /// Opens what was written so far.
    pub(crate) fn open(&self) -> Repository {
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let unlock = Unlock::MasterKey(Box::new(self.key.clone()));
        Repository::open(&engine, self.memory.clone(), unlock, OpenOptions::default()).unwrap()
    }
}

fn id_of(bytes: &[u8]) -> Id {
    Id::new(Sha256::digest(bytes).into())
}
