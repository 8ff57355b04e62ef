//! Object Lock on single files: with what retention they are written, what keeps them, and how that is prolonged.

use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{
    ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockMode, ObjectLockRetention, ObjectLockRetentionMode,
};
use jiff::Timestamp;

use super::S3;
use crate::backend::object_lock::{LockMode, Prolonged, Protection, Retention, RetentionPolicy, seconds};
use crate::backend::{Backend as _, FileId, FileKind};
use crate::error::{Error, ErrorKind, Result};

impl S3 {
    pub(in crate::backend) fn protect(&self, policy: RetentionPolicy) {
        *self.policy.write() = Some(policy);
    }

    pub(in crate::backend) fn policy(&self) -> Option<RetentionPolicy> {
        *self.policy.read()
    }

    /// How a file of this kind is retained that is written now. Lock files must be removable: they are not.
    pub(super) fn retention_of_new(&self, kind: FileKind) -> Option<(ObjectLockMode, DateTime)> {
        match kind {
            FileKind::Lock => None,
            FileKind::Config | FileKind::Key | FileKind::Snapshot | FileKind::Index | FileKind::Pack => {
                let policy = self.policy()?;
                Some((stored_mode(policy.mode), date(policy.until(Timestamp::now()))))
            }
        }
    }

    pub(in crate::backend) fn protection(&self, file: FileId) -> Result<Protection> {
        let doing = format!("look at {file} of {}", self.location());
        let work = async { Ok(self.head(&doing, &self.key_of(file), None).await?.0) };
        self.remote.call(|| doing.clone(), work)
    }

    /// What keeps a version of a key, the newest unless one is named, and which version that is.
    pub(super) async fn head(
        &self,
        doing: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<(Protection, Option<String>)> {
        let bucket = &self.location.bucket;
        let version = version.map(str::to_owned);
        let head = self.ask(doing, async |client| {
            client.head_object().bucket(bucket).key(key).set_version_id(version.clone()).send().await
        });
        let head = head.await?;
        let until = head.object_lock_retain_until_date().and_then(|until| Timestamp::from_second(until.secs()).ok());
        let retention = match (head.object_lock_mode(), until) {
            (Some(ObjectLockMode::Compliance), Some(until)) => Some(Retention { mode: LockMode::Compliance, until }),
            (Some(ObjectLockMode::Governance), Some(until)) => Some(Retention { mode: LockMode::Governance, until }),
            (Some(other), Some(_)) => {
                let context = format!("{doing}: it is locked in the mode {other}, which is unknown");
                return Err(Error::new(ErrorKind::Unsupported, context));
            }
            (None, _) | (_, None) => None,
        };
        let has_legal_hold = head.object_lock_legal_hold_status() == Some(&ObjectLockLegalHoldStatus::On);
        Ok((Protection { retention, has_legal_hold }, head.version_id))
    }

    pub(in crate::backend) fn extend(&self, file: FileId, wanted: Retention) -> Result<Prolonged> {
        let doing = format!("retain {file} of {}", self.location());
        let wanted = Retention { until: seconds(wanted.until), ..wanted };
        self.remote.call(|| doing.clone(), async {
            let key = self.key_of(file);
            let (protection, version) = self.head(&doing, &key, None).await?;
            let has = protection.retention;
            if has.is_some_and(|has| has.until >= wanted.until) {
                return Ok(Prolonged::Already);
            }
            // To change the mode of a retention that is not over takes the right to lift it.
            let lasting = has.filter(|has| has.until > Timestamp::now());
            let mode = lasting.map_or(wanted.mode, |has| has.mode);
            // Of the version that was looked at: a newer one may have come.
            self.retain(&doing, &key, version, Retention { mode, until: wanted.until }).await?;
            Ok(Prolonged::Now)
        })
    }

    pub(super) async fn retain(
        &self,
        doing: &str,
        key: &str,
        version: Option<String>,
        retention: Retention,
    ) -> Result<()> {
        let mode = match retention.mode {
            LockMode::Governance => ObjectLockRetentionMode::Governance,
            LockMode::Compliance => ObjectLockRetentionMode::Compliance,
        };
        let until = date(retention.until);
        let stored = ObjectLockRetention::builder().mode(mode).retain_until_date(until).build();
        let bucket = &self.location.bucket;
        let put = self.ask(doing, async |client| {
            let put = client.put_object_retention().bucket(bucket).key(key).set_version_id(version.clone());
            put.retention(stored.clone()).send().await
        });
        put.await.map(drop)
    }

    pub(in crate::backend) fn set_legal_hold(&self, file: FileId, on: bool) -> Result<()> {
        let verb = if on { "hold" } else { "lift the legal hold of" };
        let doing = format!("{verb} {file} of {}", self.location());
        let status = if on { ObjectLockLegalHoldStatus::On } else { ObjectLockLegalHoldStatus::Off };
        let hold = ObjectLockLegalHold::builder().status(status).build();
        self.remote.call(|| doing.clone(), async {
            let (bucket, key) = (&self.location.bucket, self.key_of(file));
            let put = self.ask(&doing, async |client| {
                client.put_object_legal_hold().bucket(bucket).key(&key).legal_hold(hold.clone()).send().await
            });
            put.await.map(drop)
        })
    }
}

pub(super) fn stored_mode(mode: LockMode) -> ObjectLockMode {
    match mode {
        LockMode::Governance => ObjectLockMode::Governance,
        LockMode::Compliance => ObjectLockMode::Compliance,
    }
}

pub(super) fn date(time: Timestamp) -> DateTime {
    DateTime::from_secs(time.as_second())
}
