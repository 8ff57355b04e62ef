//! Whether a bucket locks objects at all, and whether its server keeps what it promises.

use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, ObjectLockEnabled};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::S3;
use super::payload::KnownPayload;
use super::retention::{date, stored_mode};
use super::server_date::ServerDate;
use super::write::NewBucket;
use crate::backend::Backend as _;
use crate::backend::object_lock::{CLOCK_SKEW_SECONDS_MAX, LockMode, Probed, Retention};
use crate::error::{Error, ErrorKind, Result};

/// What a probe says to whoever finds it.
const PROBE_CONTENT: &[u8] = b"Written to see whether this bucket locks objects. It may be removed.\n";
/// The beginning of a probe's name; random digits follow.
const PROBE_NAME: &str = "bygone-probe-";
/// For how long a probe is locked.
const PROBE_SECONDS: i64 = 8;
/// By how much its retention is tried to be shortened.
const SHORTER_SECONDS: i64 = 4;
/// How long a server may take, after the end, to let the probe be removed.
const REMOVAL_WAIT_MAX: Duration = Duration::from_secs(20);
/// Between two tries to remove it.
const REMOVAL_POLL: Duration = Duration::from_millis(500);

impl S3 {
    pub(in crate::backend) fn make_locked_bucket(&self) -> Result<()> {
        let doing = format!("make {}", self.location());
        self.remote.call(|| doing.clone(), self.make_bucket(&doing, NewBucket::WithObjectLock))
    }

    pub(in crate::backend) fn check_clock(&self) -> Result<()> {
        let doing = format!("ask {} for the time", self.location());
        check_clock(self.remote.call(|| doing.clone(), self.server_ahead(&doing))?)
    }

    /// By how much the server's clock is ahead; nothing when it does not say.
    async fn server_ahead(&self, doing: &str) -> Result<SignedDuration> {
        let (bucket, server_date) = (&self.location.bucket, ServerDate::default());
        let prefix = self.key("config");
        let asked = self.ask(doing, async |client| {
            let list = client.list_objects_v2().bucket(bucket).prefix(&prefix).max_keys(1);
            list.customize().interceptor(server_date.clone()).send().await
        });
        asked.await?;
        Ok(server_date.ahead().unwrap_or(SignedDuration::ZERO))
    }

    pub(in crate::backend) fn check_bucket(&self) -> Result<()> {
        let bucket = &self.location.bucket;
        let doing = format!("look at the bucket {bucket} of {}", self.location());
        let missing = |what: &str| Err(Error::new(ErrorKind::Unsupported, format!("the bucket {bucket} {what}")));
        self.remote.call(|| doing.clone(), async {
            let ahead = self.server_ahead(&doing).await?;
            check_clock(ahead)?;
            match self.versioning(&doing).await? {
                Some(BucketVersioningStatus::Enabled) => {}
                _ => return missing("does not keep versions of objects, without which nothing in it can be locked"),
            }
            let asked = self.ask(&doing, async |client| {
                client.get_object_lock_configuration().bucket(bucket).send().await
            });
            let lock = match asked.await {
                Ok(answer) => answer.object_lock_configuration,
                // Amazon and others call a bucket without Object Lock not found.
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            };
            let Some(lock) = lock.filter(|lock| lock.object_lock_enabled() == Some(&ObjectLockEnabled::Enabled)) else {
                return missing("has no Object Lock: as a rule it is given to a bucket when that is made");
            };
            match lock.rule.and_then(|rule| rule.default_retention) {
                None => Ok(()),
                Some(_) => missing(
                    "locks every object by a default rule, lock files too, which could not be removed then: take the rule \
                     away, each file is locked by itself",
                ),
            }
        })
    }

    pub(in crate::backend) fn probe(&self, mode: LockMode) -> Result<Probed> {
        let doing = format!("probe the Object Lock of {}", self.location());
        let key = self.key(&format!("{PROBE_NAME}{:016x}", fastrand::u64(..)));
        self.remote.call(|| doing.clone(), self.probe_at(&doing, &key, mode))
    }

    async fn probe_at(&self, doing: &str, key: &str, mode: LockMode) -> Result<Probed> {
        let ignored = |what: &str| {
            let context = format!("{}: the server takes Object Lock and does not keep it: {what}", self.location());
            Err(Error::new(ErrorKind::Unsupported, context))
        };
        let ahead = self.server_ahead(doing).await?;
        // By the server's clock: by ours, the end might have passed already.
        let end = ahead + SignedDuration::from_secs(PROBE_SECONDS);
        let until = Timestamp::now().saturating_add(end).unwrap_or(Timestamp::MAX);
        let version = self.write_probe(doing, key, Retention { mode, until }).await?;
        let Some(version) = version.filter(|version| version != "null") else {
            self.delete(doing, key, None).await?;
            return ignored("it keeps no versions");
        };
        let seen = self.head(doing, key, Some(&version)).await?.0.retention;
        let removal = self.delete(doing, key, Some(&version)).await;
        if !self.is_there(doing, key, &version).await? {
            return ignored("an object that was locked could be removed");
        }
        if let Err(error) = removal
            && error.kind().is_transient()
        {
            return Err(error);
        }
        if seen.is_none_or(|seen| seen.mode != mode) {
            let context =
                format!("{doing}: these keys may not see how long objects are locked (s3:GetObjectRetention)");
            return Err(Error::new(ErrorKind::Denied, context));
        }
        let shorter = until - SignedDuration::from_secs(SHORTER_SECONDS);
        let shortened = self.retain(doing, key, Some(version.clone()), Retention { mode, until: shorter }).await;
        if shortened.is_ok() {
            self.remove_probe(doing, key, &version).await;
            return ignored("a retention could be shortened");
        }
        let keys_may_bypass = self.bypass(doing, key, &version).await?;
        if keys_may_bypass && mode == LockMode::Compliance {
            return ignored("an object that was locked in compliance mode could be removed");
        }
        let is_left = !keys_may_bypass && !self.remove_probe(doing, key, &version).await;
        Ok(Probed { keys_may_bypass, left_behind: is_left.then(|| key.to_owned()) })
    }

    /// Answers the version, if the server names one.
    async fn write_probe(&self, doing: &str, key: &str, retention: Retention) -> Result<Option<String>> {
        let hash: [u8; 32] = Sha256::digest(PROBE_CONTENT).into();
        let (bucket, until) = (&self.location.bucket, date(retention.until));
        let put = self.ask(doing, async |client| {
            let put = client.put_object().bucket(bucket).key(key).body(ByteStream::from_static(PROBE_CONTENT));
            let put = put.object_lock_mode(stored_mode(retention.mode)).object_lock_retain_until_date(until);
            put.checksum_sha256(BASE64_STANDARD.encode(hash)).customize().interceptor(KnownPayload(hash)).send().await
        });
        Ok(put.await?.version_id)
    }

    async fn is_there(&self, doing: &str, key: &str, version: &str) -> Result<bool> {
        match self.head(doing, key, Some(version)).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether our keys may remove what is locked.
    async fn bypass(&self, doing: &str, key: &str, version: &str) -> Result<bool> {
        let bucket = &self.location.bucket;
        let removed = self.ask(doing, async |client| {
            let delete = client.delete_object().bucket(bucket).key(key).version_id(version);
            delete.bypass_governance_retention(true).send().await
        });
        match removed.await {
            Err(error) if error.kind().is_transient() => Err(error),
            Ok(_) | Err(_) => Ok(!self.is_there(doing, key, version).await?),
        }
    }

    /// Removes a probe as soon as the server lets us. Answers whether it is gone.
    async fn remove_probe(&self, doing: &str, key: &str, version: &str) -> bool {
        let lock_end = Duration::from_secs(PROBE_SECONDS.unsigned_abs());
        let end = tokio::time::Instant::now() + lock_end + REMOVAL_WAIT_MAX;
        loop {
            let removed = self.delete(doing, key, Some(version)).await;
            if removed.is_ok() {
                return true;
            }
            if tokio::time::Instant::now() > end {
                tracing::warn!(key, error = ?removed.err().map(|error| error.chain()), "a probe stays in the bucket");
                return false;
            }
            tokio::time::sleep(REMOVAL_POLL).await;
        }
    }
}

/// # Errors
/// `Unsupported` when the clocks differ by more than is sane.
fn check_clock(ahead: SignedDuration) -> Result<()> {
    let seconds = ahead.as_secs();
    if seconds.abs() <= CLOCK_SKEW_SECONDS_MAX {
        return Ok(());
    }
    let (by, direction) = (seconds.abs(), if seconds > 0 { "behind" } else { "ahead of" });
    let context = format!(
        "this machine's clock is {by} seconds {direction} the server's: files would be retained until a wrong time"
    );
    Err(Error::new(ErrorKind::Unsupported, context))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn clocks_may_differ_by_minutes_and_no_more() {
        for seconds in [0, 300, -300] {
            check_clock(SignedDuration::from_secs(seconds)).unwrap();
        }
        for (seconds, says) in [(301, "301 seconds behind"), (-7200, "7200 seconds ahead of")] {
            let error = check_clock(SignedDuration::from_secs(seconds)).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}
