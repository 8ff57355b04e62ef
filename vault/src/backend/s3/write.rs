//! Writing to a bucket. S3 shows a file only when all of it has arrived.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_sdk_s3::types::{
    BucketLocationConstraint, ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, CreateBucketConfiguration,
    StorageClass as S3Class,
};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bygone_common::plan::StorageClass;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::payload::KnownPayload;
use super::{S3, region};
use crate::backend::upload::Moved;
use crate::backend::{Content, FileId, FileKind};
use crate::error::{Error, ErrorKind, Result};

/// Files from this size on are sent in parts.
const MULTIPART_BYTES_MIN: u64 = 64 << 20;
/// Bytes of one part; the last may be shorter.
const PART_BYTES: u64 = 16 << 20;
/// Parts of one file that are sent at once.
const PARTS_AT_ONCE_MAX: usize = 4;

/// What kind of bucket is made where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backend) enum NewBucket {
    /// As the server makes them.
    Plain,
    /// With versions and Object Lock: many servers can give a bucket the latter only while they make it.
    WithObjectLock,
}

impl S3 {
    /// Makes the bucket unless it is there.
    pub(super) async fn make_bucket(&self, doing: &str, new: NewBucket) -> Result<()> {
        let bucket = &self.location.bucket;
        match self.ask(doing, async |client| client.head_bucket().bucket(bucket).send().await).await {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            // Keys that may write files need not be allowed to look at the bucket.
            Err(error) if error.kind() == ErrorKind::Denied => return Ok(()),
            Err(error) => return Err(error),
        }
        let region = self.client.read().region.clone();
        let place = (region != region::DEFAULT).then(|| {
            let place = BucketLocationConstraint::from(region.as_str());
            CreateBucketConfiguration::builder().location_constraint(place).build()
        });
        let made = self.ask(doing, async |client| {
            let create = client.create_bucket().bucket(bucket).set_create_bucket_configuration(place.clone());
            // Not sent at all for plain buckets: some servers do not know the header.
            let lock = (new == NewBucket::WithObjectLock).then_some(true);
            create.set_object_lock_enabled_for_bucket(lock).send().await
        });
        match made.await {
            Ok(_) => Ok(()),
            // Made meanwhile, or by an earlier try.
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn write_file(&self, doing: &str, file: FileId, content: &Content) -> Result<()> {
        if content.len() >= MULTIPART_BYTES_MIN {
            return self.write_in_parts(doing, file, content).await;
        }
        let hash = match file.kind {
            FileKind::Config => content.sha256(),
            // Its name, so that the server refuses what does not belong under it.
            FileKind::Key | FileKind::Lock | FileKind::Snapshot | FileKind::Index | FileKind::Pack => {
                *file.id.as_bytes()
            }
        };
        let (bucket, key, moved) = (&self.location.bucket, self.key_of(file), Moved::of(content));
        let (mode, until) = self.retention_of_new(file.kind).unzip();
        let put = self.ask_moving(doing, &moved, async |client| {
            let put = client.put_object().bucket(bucket).key(&key).body(self.body(content, &moved));
            let put = put.set_storage_class(self.class_of_new(file.kind, content));
            let put = put.set_object_lock_mode(mode.clone()).set_object_lock_retain_until_date(until);
            put.checksum_sha256(BASE64_STANDARD.encode(hash)).customize().interceptor(KnownPayload(hash)).send().await
        });
        put.await.map(drop)
    }

    /// The class that a file is written in; none is what the bucket does by itself. Only packs are many bytes: everything else is
    /// read whenever the repository is opened, and is kept at hand.
    fn class_of_new(&self, kind: FileKind, content: &Content) -> Option<S3Class> {
        match kind {
            FileKind::Pack => match self.class.max(content.class()) {
                StorageClass::Hot => None,
                StorageClass::Warm => Some(S3Class::StandardIa),
                StorageClass::Cold => Some(S3Class::GlacierIr),
            },
            FileKind::Config | FileKind::Key | FileKind::Lock | FileKind::Snapshot | FileKind::Index => None,
        }
    }

    fn body(&self, content: &Content, moved: &Moved) -> ByteStream {
        ByteStream::new(SdkBody::from_body_1_x(self.remote.upload(content, moved)))
    }

    async fn write_in_parts(&self, doing: &str, file: FileId, content: &Content) -> Result<()> {
        let (bucket, key) = (&self.location.bucket, self.key_of(file));
        let (mode, until) = self.retention_of_new(file.kind).unzip();
        let begun = self.ask(doing, async |client| {
            let begin = client.create_multipart_upload().bucket(bucket).key(&key);
            let begin = begin.set_storage_class(self.class_of_new(file.kind, content));
            let begin = begin.set_object_lock_mode(mode.clone()).set_object_lock_retain_until_date(until);
            begin.checksum_algorithm(ChecksumAlgorithm::Sha256).send().await
        });
        let Some(id) = begun.await?.upload_id else {
            return Err(Error::new(ErrorKind::Unsupported, format!("{doing}: the server names no upload")));
        };
        let client = self.client.read().client.clone();
        let mut upload = Parts { client, bucket: bucket.clone(), key, id, is_open: true };
        let numbers = (1..).zip(0..content.len().div_ceil(PART_BYTES));
        let parts = numbers.map(|(number, at)| {
            let part = content.part(at.saturating_mul(PART_BYTES), PART_BYTES);
            let upload = &upload;
            async move { self.write_part(doing, upload, number, &part).await }
        });
        let parts: Vec<CompletedPart> = stream::iter(parts).buffered(PARTS_AT_ONCE_MAX).try_collect().await?;
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let done = self.ask(doing, async |client| {
            let end = client.complete_multipart_upload().bucket(&upload.bucket).key(&upload.key);
            end.upload_id(&upload.id).multipart_upload(parts.clone()).send().await
        });
        done.await?;
        upload.is_open = false;
        Ok(())
    }

    async fn write_part(&self, doing: &str, upload: &Parts, number: i32, part: &Content) -> Result<CompletedPart> {
        let (hash, moved) = (part.sha256(), Moved::of(part));
        let checksum = BASE64_STANDARD.encode(hash);
        let sent = self.ask_moving(doing, &moved, async |client| {
            let put = client.upload_part().bucket(&upload.bucket).key(&upload.key).upload_id(&upload.id);
            let put = put.part_number(number).body(self.body(part, &moved)).checksum_sha256(&checksum);
            put.customize().interceptor(KnownPayload(hash)).send().await
        });
        let tag = sent.await?.e_tag;
        Ok(CompletedPart::builder().part_number(number).set_e_tag(tag).checksum_sha256(checksum).build())
    }
}

/// An upload in parts. Given up when dropped open: its parts would be kept, and paid for, without anybody seeing them.
struct Parts {
    client: Client,
    bucket: String,
    key: String,
    id: String,
    is_open: bool,
}

impl Drop for Parts {
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        // Outside the runtime nobody can be asked any more.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let abort = self.client.abort_multipart_upload().bucket(&self.bucket).key(&self.key).upload_id(&self.id);
        let key = std::mem::take(&mut self.key);
        runtime.spawn(async move {
            if let Err(error) = abort.send().await {
                tracing::debug!(key, %error, "an upload in parts could not be given up");
            }
        });
    }
}
