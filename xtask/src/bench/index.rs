//! A repository with as many blobs as one likes: made by restic, with index files added that name packs which are not
//! there. Whoever only opens it, lists snapshots and shows folders never asks for them.
//!
//! Formats are those of restic's design document: "Keys, Encryption and MAC", "Indexing".

use super::Stage;
use super::data::{PASSWORD, restic};
use crate::generate::chance::Chance;
use crate::process;
use aes::cipher::{BlockCipherEncrypt, KeyInit, KeyIvInit, StreamCipher};
use aes::{Aes128, Aes256, Block};
use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poly1305::Poly1305;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// As many as restic puts into one index file.
const BLOBS_PER_INDEX: u64 = 50_000;
/// Blobs of source code in a pack of 16 MiB.
const BLOBS_PER_PACK: u64 = 500;
const SEED: u64 = 0x1d_e0;
const NONCE_BYTES: usize = 16;
const ID_BYTES: usize = 32;
/// The first byte of an unpacked file that is compressed, in format 2.
const COMPRESSED: u8 = 2;

/// Makes the repository, unless it is there.
pub(crate) fn repository(stage: &Stage, blobs: u64) -> Result<PathBuf> {
    let folder = stage.root.join(format!("blobs-{blobs}"));
    let repository = folder.join("repository");
    let marker = folder.join("complete");
    if marker.exists() && !stage.options.fresh {
        return Ok(repository);
    }
    println!("making a repository of {blobs} blobs in {}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    let files = folder.join("files");
    fs::create_dir_all(&files).with_context(|| format!("creating {}", files.display()))?;
    fs::write(files.join("hello.txt"), "hello\n").context("writing a file")?;
    process::output(restic(stage, &repository)?.arg("init"))?;
    process::output(restic(stage, &repository)?.args(["backup", "files"]).current_dir(&folder))?;
    let key = Key::open(&repository)?;
    for first in (0..blobs).step_by(BLOBS_PER_INDEX as usize) {
        let json = index(first, BLOBS_PER_INDEX.min(blobs - first));
        store(&repository, &key, &json, first)?;
        crate::signals::check()?;
    }
    // What we sealed, stock restic opens.
    process::output(restic(stage, &repository)?.args(["ls", "latest"]))?;
    fs::write(&marker, "").with_context(|| format!("writing {}", marker.display()))?;
    Ok(repository)
}

/// Seconds that deriving the key of this repository's password takes here.
pub(crate) fn scrypt_seconds(repository: &Path) -> Result<f64> {
    let start = Instant::now();
    Key::open(repository)?;
    Ok(start.elapsed().as_secs_f64())
}

/// The text of one index file.
fn index(first: u64, count: u64) -> String {
    let mut text = String::with_capacity(count as usize * 170);
    text.push_str("{\"packs\":[");
    for pack in (0..count).step_by(BLOBS_PER_PACK as usize) {
        let mut chance = Chance::of(SEED, first + pack);
        let comma = if pack == 0 { "" } else { "," };
        let _ = write!(text, "{comma}{{\"id\":\"{}\",\"blobs\":[", id(&mut chance));
        let mut offset = 0;
        for blob in 0..BLOBS_PER_PACK.min(count - pack) {
            let length = 300 + chance.below(60_000);
            let comma = if blob == 0 { "" } else { "," };
            let _ = write!(
                text,
                "{comma}{{\"id\":\"{}\",\"type\":\"data\",\"offset\":{offset},\"length\":{length},\"uncompressed_length\":{}}}",
                id(&mut chance),
                length * 3
            );
            offset += length;
        }
        text.push_str("]}");
    }
    text.push_str("]}");
    text
}

fn id(chance: &mut Chance) -> String {
    let mut bytes = [0; ID_BYTES];
    chance.fill(&mut bytes);
    hex::encode(bytes)
}

fn store(repository: &Path, key: &Key, json: &str, number: u64) -> Result<()> {
    let mut plain = vec![COMPRESSED];
    plain.extend(zstd::bulk::compress(json.as_bytes(), 1).context("compressing an index file")?);
    let mut nonce = [0; NONCE_BYTES];
    Chance::of(SEED + 1, number).fill(&mut nonce);
    let sealed = key.seal(nonce, &plain);
    let name = hex::encode(Sha256::digest(&sealed));
    let path = repository.join("index").join(name);
    fs::write(&path, sealed).with_context(|| format!("writing {}", path.display()))
}

/// What encrypts and authenticates.
struct Key {
    encrypt: [u8; 32],
    mac_k: [u8; 16],
    mac_r: [u8; 16],
}

#[derive(Deserialize)]
struct KeyFile {
    #[serde(rename = "N")]
    n: u64,
    r: u32,
    p: u32,
    salt: String,
    data: String,
}

#[derive(Deserialize)]
struct MasterKey {
    mac: MacKey,
    encrypt: String,
}

#[derive(Deserialize)]
struct MacKey {
    k: String,
    r: String,
}

impl Key {
    /// The master key of a repository that was made with the benches' password.
    fn open(repository: &Path) -> Result<Self> {
        let folder = repository.join("keys");
        let entry = fs::read_dir(&folder).with_context(|| format!("listing {}", folder.display()))?.next();
        let path = entry.with_context(|| format!("no key in {}", folder.display()))?.context("listing keys")?.path();
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let file: KeyFile = serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
        let cost = scrypt::Params::new(u8::try_from(file.n.ilog2())?, file.r, file.p).context("the cost of a key")?;
        let mut derived = [0; 64];
        let salt = STANDARD.decode(&file.salt).context("the salt of a key")?;
        scrypt::scrypt(PASSWORD.as_bytes(), &salt, &cost, &mut derived).context("deriving a key")?;
        let sealed = STANDARD.decode(&file.data).context("the sealed part of a key")?;
        let plain = Self::from_bytes(&derived)?.unseal(&sealed)?;
        let master: MasterKey = serde_json::from_slice(&plain).context("a master key")?;
        let parts = [master.encrypt, master.mac.k, master.mac.r].map(|text| STANDARD.decode(text));
        let bytes = parts.into_iter().collect::<Result<Vec<_>, _>>().context("a master key")?.concat();
        Self::from_bytes(&bytes)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let part = |from: usize, to: usize| bytes.get(from..to).context("a key that is too short");
        Ok(Self {
            encrypt: part(0, 32)?.try_into()?,
            mac_k: part(32, 48)?.try_into()?,
            mac_r: part(48, 64)?.try_into()?,
        })
    }

    /// Nonce, ciphertext, tag.
    fn seal(&self, nonce: [u8; NONCE_BYTES], plain: &[u8]) -> Vec<u8> {
        let mut text = plain.to_vec();
        self.stream(&nonce, &mut text);
        let tag = self.tag(&nonce, &text);
        [&nonce[..], &text, &tag].concat()
    }

    fn unseal(&self, sealed: &[u8]) -> Result<Vec<u8>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_BYTES).context("a sealed text that is too short")?;
        let (text, tag) =
            rest.split_at_checked(rest.len().saturating_sub(16)).context("a sealed text that is too short")?;
        let nonce = nonce.try_into()?;
        ensure!(self.tag(&nonce, text) == *tag, "wrong password");
        let mut text = text.to_vec();
        self.stream(&nonce, &mut text);
        Ok(text)
    }

    fn stream(&self, nonce: &[u8; NONCE_BYTES], text: &mut [u8]) {
        ctr::Ctr128BE::<Aes256>::new(&self.encrypt.into(), nonce.into()).apply_keystream(text);
    }

    fn tag(&self, nonce: &[u8; NONCE_BYTES], text: &[u8]) -> [u8; 16] {
        let mut second = Block::from(*nonce);
        Aes128::new(&self.mac_k.into()).encrypt_block(&mut second);
        let key: [u8; 32] = std::array::from_fn(|i| if i < 16 { self.mac_r[i] } else { second[i - 16] });
        Poly1305::new(&key.into()).compute_unpadded(text).into()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn index_files_are_json_that_names_every_blob() {
        let text = index(0, 1200);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let packs = value["packs"].as_array().unwrap();
        assert_eq!(
            packs.iter().map(|pack| pack["blobs"].as_array().unwrap().len()).collect::<Vec<_>>(),
            [500, 500, 200]
        );
    }

    #[test]
    fn what_is_sealed_opens_again_and_only_unchanged() {
        let key = Key { encrypt: [1; 32], mac_k: [2; 16], mac_r: [3; 16] };
        let mut sealed = key.seal([9; 16], b"some text");
        assert_eq!(key.unseal(&sealed).unwrap(), b"some text");
        sealed[20] ^= 1;
        assert!(key.unseal(&sealed).is_err());
    }
}
