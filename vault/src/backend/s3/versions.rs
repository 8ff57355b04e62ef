//! Removing files. In a bucket that keeps versions a plain delete only hides a file, so its versions are removed.
//!
//! An index file that is locked is hidden, as others have replaced it: see [`S3::sweep_index`].

use std::collections::HashMap;

use aws_sdk_s3::types::BucketVersioningStatus;
use jiff::Timestamp;

use super::S3;
use super::whole::WholeListing;
use crate::backend::object_lock::{Protection, Swept};
use crate::backend::{Backend as _, FileId, FileKind};
use crate::error::{Error, ErrorKind, Result};

/// Pages of one listing of versions: ten million of them.
const VERSION_PAGES_MAX: usize = 10_000;

/// One version of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Version {
    id: String,
    /// Whether it only says that the key is deleted.
    is_marker: bool,
    /// Whether it is what the key stands for.
    is_latest: bool,
}

impl S3 {
    pub(super) async fn remove_file(&self, doing: &str, file: FileId) -> Result<()> {
        let key = self.key_of(file);
        if !self.keeps_versions(doing).await? {
            return self.delete(doing, &key, None).await;
        }
        let versions = match self.versions_of(doing, &key).await {
            Ok(versions) => versions,
            // Keys that may not look at versions may not remove them.
            Err(error) if is_refused(&error) && self.may_hide(file) => return self.delete(doing, &key, None).await,
            Err(error) => return Err(error),
        };
        if self.policy().is_some()
            && file.kind != FileKind::Lock
            && let Some(refusal) = self.first_refusal(doing, &key, &versions).await?
        {
            // Index files are made anew from time to time: were they to stay, no pack could ever go.
            return if file.kind == FileKind::Index { self.hide(doing, &key, &versions).await } else { Err(refusal) };
        }
        self.delete_versions(doing, file, &versions).await
    }

    /// Whether a file may be hidden where its versions cannot be removed, as other programs always do. What a policy
    /// retains is removed or it stays: who reclaims space must not believe that he did.
    fn may_hide(&self, file: FileId) -> bool {
        self.policy().is_none() || file.kind == FileKind::Lock
    }

    /// Why the versions of a key cannot all be removed now: then none is touched.
    async fn first_refusal(&self, doing: &str, key: &str, versions: &[Version]) -> Result<Option<Error>> {
        for version in versions.iter().filter(|version| !version.is_marker) {
            if let Some(refusal) = self.refusal(doing, key, version).await? {
                return Ok(Some(refusal));
            }
        }
        Ok(None)
    }

    /// Hides a key, unless it is hidden.
    async fn hide(&self, doing: &str, key: &str, versions: &[Version]) -> Result<()> {
        if is_hidden(versions) { Ok(()) } else { self.delete(doing, key, None).await }
    }

    /// Why a version cannot be removed now; `None` when nothing keeps it.
    async fn refusal(&self, doing: &str, key: &str, version: &Version) -> Result<Option<Error>> {
        let protection = match self.head(doing, key, Some(&version.id)).await {
            Ok((protection, _)) => protection,
            Err(error) if error.kind() == ErrorKind::NotFound => Protection::default(),
            Err(error) => return Err(error),
        };
        let now = Timestamp::now();
        Ok(protection.holds_at(now).then(|| protection.refusal(doing, now)))
    }

    async fn delete_versions(&self, doing: &str, file: FileId, versions: &[Version]) -> Result<()> {
        let key = &self.key_of(file);
        // Markers last: without them, a version that is left would be seen again.
        let (markers, stored): (Vec<_>, Vec<_>) = versions.iter().partition(|version| version.is_marker);
        for version in stored.into_iter().chain(markers) {
            let Err(error) = self.delete(doing, key, Some(&version.id)).await else { continue };
            if !is_refused(&error) {
                return Err(error);
            }
            // Whatever else forbids it, a lock is the better reason.
            if let Some(refusal) = self.refusal(doing, key, version).await? {
                return Err(refusal.because(error));
            }
            return if self.may_hide(file) { self.delete(doing, key, None).await } else { Err(error) };
        }
        Ok(())
    }

    /// Removes a version of a key, or hides the key when none is named. What is gone is as good.
    pub(super) async fn delete(&self, doing: &str, key: &str, version: Option<&str>) -> Result<()> {
        let (bucket, version) = (&self.location.bucket, version.map(str::to_owned));
        let removed = self.ask(doing, async |client| {
            client.delete_object().bucket(bucket).key(key).set_version_id(version.clone()).send().await
        });
        match removed.await {
            Ok(_) => Ok(()),
            // Most servers do not even tell.
            Err(error) if error.kind() == ErrorKind::NotFound && !is_bucket_gone(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether the bucket keeps versions, or kept them once. Asked once; a server that does not say keeps none.
    async fn keeps_versions(&self, doing: &str) -> Result<bool> {
        if self.policy().is_some() {
            return Ok(true);
        }
        if let Some(known) = self.keeps_versions.get() {
            return Ok(*known);
        }
        let keeps = match self.versioning(doing).await {
            Ok(status) => status.is_some(),
            Err(error) if error.kind().is_transient() || error.kind() == ErrorKind::Cancelled => return Err(error),
            Err(error) => {
                tracing::debug!(error = error.chain(), "whether the bucket keeps versions cannot be told");
                false
            }
        };
        Ok(*self.keeps_versions.get_or_init(|| keeps))
    }

    /// `None` for a bucket that never had versions.
    pub(super) async fn versioning(&self, doing: &str) -> Result<Option<BucketVersioningStatus>> {
        let bucket = &self.location.bucket;
        let asked = self.ask(doing, async |client| client.get_bucket_versioning().bucket(bucket).send().await);
        Ok(asked.await?.status)
    }

    /// All versions of a key, the newest first.
    async fn versions_of(&self, doing: &str, key: &str) -> Result<Vec<Version>> {
        // Other keys may begin with this one.
        Ok(self.versions_below(doing, key).await?.remove(key).unwrap_or_default())
    }

    /// All versions of all keys that begin so.
    async fn versions_below(&self, doing: &str, prefix: &str) -> Result<HashMap<String, Vec<Version>>> {
        let bucket = &self.location.bucket;
        let mut versions: HashMap<String, Vec<Version>> = HashMap::new();
        let mut after: (Option<String>, Option<String>) = (None, None);
        for _ in 0..VERSION_PAGES_MAX {
            let page = self.ask(doing, async |client| {
                let page = client.list_object_versions().bucket(bucket).prefix(prefix);
                let page = page.set_key_marker(after.0.clone()).set_version_id_marker(after.1.clone());
                page.customize().interceptor(WholeListing).send().await
            });
            let page = page.await?;
            let stored = page.versions().iter().map(|it| (it.key(), it.version_id(), it.is_latest(), false));
            let markers = page.delete_markers().iter().map(|it| (it.key(), it.version_id(), it.is_latest(), true));
            for (key, id, is_latest, is_marker) in stored.chain(markers) {
                let (Some(key), Some(id)) = (key, id) else {
                    let context = format!("{doing}: the server names no version");
                    return Err(Error::new(ErrorKind::Damaged, context));
                };
                let version = Version { id: id.to_owned(), is_marker, is_latest: is_latest.unwrap_or(false) };
                versions.entry(key.to_owned()).or_default().push(version);
            }
            let next = (page.next_key_marker, page.next_version_id_marker);
            match page.is_truncated.unwrap_or(false) {
                false => return Ok(versions),
                true if next.0.is_some() && next != after => after = next,
                true => break,
            }
        }
        let context = format!("{doing}: the server does not finish its listing of versions");
        Err(Error::new(ErrorKind::Damaged, context))
    }

    pub(in crate::backend) fn hide_file(&self, file: FileId) -> Result<()> {
        let doing = format!("hide {file} of {}", self.location());
        self.remote.call(|| doing.clone(), async {
            let key = self.key_of(file);
            let versions = self.versions_of(&doing, &key).await?;
            self.hide(&doing, &key, &versions).await
        })
    }

    /// Removes index files that are hidden and locked no more. Answers how many, and how many still are.
    pub(in crate::backend) fn sweep_index(&self) -> Result<Swept> {
        let doing = format!("sweep hidden index files of {}", self.location());
        let prefix = format!("{}/", self.key(FileKind::Index.folder()));
        self.remote.call(|| doing.clone(), async {
            let mut swept = Swept::default();
            for (key, versions) in self.versions_below(&doing, &prefix).await? {
                if !is_hidden(&versions) {
                    continue;
                }
                if self.first_refusal(&doing, &key, &versions).await?.is_some() {
                    swept.locked += 1;
                    continue;
                }
                for version in versions.iter().filter(|version| !version.is_marker) {
                    self.delete(&doing, &key, Some(&version.id)).await?;
                }
                // Markers last: without them, a version that is left would be seen again.
                for version in versions.iter().filter(|version| version.is_marker) {
                    self.delete(&doing, &key, Some(&version.id)).await?;
                }
                swept.removed += 1;
            }
            Ok(swept)
        })
    }
}

/// Whether the newest of a key's versions says that it is deleted.
fn is_hidden(versions: &[Version]) -> bool {
    versions.iter().any(|version| version.is_latest && version.is_marker)
}

/// Whether these keys may not, or the server cannot.
fn is_refused(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Denied | ErrorKind::Unsupported)
}

/// A bucket that is away is not one that is empty.
fn is_bucket_gone(error: &Error) -> bool {
    error.to_string().contains("NoSuchBucket")
}
