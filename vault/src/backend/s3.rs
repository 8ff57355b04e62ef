//! A repository in a bucket of an S3 server, by aws-sdk-s3 over our own HTTP client.
//!
//! The SDK's own retries and time-outs are off: the decorators and [`Remote`] decide about both, for all storage alike.

mod connector;
mod credentials;
mod failure;
mod payload;
mod probe;
mod region;
mod retention;
mod server_date;
mod versions;
mod whole;
mod write;

use std::fmt;
use std::sync::OnceLock;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::{ReconnectMode, RetryConfig};
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Config, Region, RequestChecksumCalculation, ResponseChecksumValidation, SharedHttpClient,
    StalledStreamProtectionConfig,
};
use aws_sdk_s3::primitives::ByteStream;
use bygone_common::plan::StorageClass;
use bytes::Bytes;
use parking_lot::RwLock;

use super::body::{self, Body};
use super::http::transport;
use super::object_lock::RetentionPolicy;
use super::options::PathStyle;
use super::remote::Remote;
use super::upload::Moved;
use super::{Backend, BackendOptions, CancelToken, Content, FileId, FileKind, Listed, Storage, layout};
use crate::error::{Error, ErrorKind, Result};
use crate::location::S3Location;
use credentials::Identity;
use failure::Answer;
use whole::WholeListing;
use write::NewBucket;

/// Pages of one listing: a hundred million files. A server that goes on has lost count.
const LISTING_PAGES_MAX: usize = 100_000;

/// A repository on an S3 server.
pub(super) struct S3 {
    remote: Remote,
    location: S3Location,
    /// Behind a lock because the server may say that the bucket lies in another region.
    client: RwLock<Signed>,
    http: SharedHttpClient,
    identity: Identity,
    path_style: bool,
    /// The class of packs that want no colder one.
    class: StorageClass,
    /// What is written from now on carries it.
    policy: RwLock<Option<RetentionPolicy>>,
    /// Whether the bucket keeps versions, once somebody had to know.
    keeps_versions: OnceLock<bool>,
}

/// A client and the region that it signs for.
#[derive(Clone)]
struct Signed {
    client: Client,
    region: String,
}

impl S3 {
    /// # Errors
    /// Half a pair of keys; unusable certificate files.
    pub(super) fn open(location: &S3Location, options: &BackendOptions, cancel: CancelToken) -> Result<Self> {
        let http = connector::http_client(options, location.plain_http)?;
        let identity = Identity::new(&options.s3, &http)?;
        let path_style = match options.s3.path_style {
            PathStyle::On => true,
            PathStyle::Off => false,
            // A dot in the bucket's name would not match Amazon's certificate.
            PathStyle::Auto => !region::is_amazon(&location.host) || location.bucket.contains('.'),
        };
        let named = options.s3.region.clone().or_else(|| region::of_host(&location.host));
        let region = named.unwrap_or_else(|| region::DEFAULT.to_owned());
        let endpoint = location.endpoint();
        let client = client(&endpoint, &region, path_style, &identity, &http);
        Ok(Self {
            remote: Remote::new(location.to_string(), options, cancel)?,
            location: location.clone(),
            client: RwLock::new(Signed { client, region }),
            http,
            identity,
            path_style,
            class: options.class,
            policy: RwLock::default(),
            keeps_versions: OnceLock::new(),
        })
    }

    fn key_of(&self, file: FileId) -> String {
        self.key(&layout::path_of(file))
    }

    fn key(&self, path: &str) -> String {
        match self.location.prefix.as_str() {
            "" => path.to_owned(),
            prefix => format!("{prefix}/{path}"),
        }
    }

    /// Makes one request; once more in another region when the server names one.
    async fn ask<T, E: failure::Service>(
        &self,
        doing: &str,
        request: impl AsyncFn(&Client) -> Answer<T, E>,
    ) -> Result<T> {
        self.ask_moving(doing, &Moved::default(), request).await
    }

    /// The same for a request that sends something: it may take as long as it moves.
    async fn ask_moving<T, E: failure::Service>(
        &self,
        doing: &str,
        moved: &Moved,
        request: impl AsyncFn(&Client) -> Answer<T, E>,
    ) -> Result<T> {
        let signed = self.client.read().clone();
        let answer = self.remote.while_moving(moved, doing, async { Ok(request(&signed.client).await) }).await?;
        let error = match answer {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        match failure::region_hint(&error).filter(|region| *region != signed.region) {
            None => Err(failure::error(doing, error, &self.identity)),
            Some(region) => {
                tracing::debug!(region, location = self.remote.location(), "the bucket lies in another region");
                let client = self.move_to(region);
                let answer = self.remote.while_moving(moved, doing, async { Ok(request(&client).await) }).await?;
                answer.map_err(|error| failure::error(doing, error, &self.identity))
            }
        }
    }

    fn move_to(&self, region: String) -> Client {
        let endpoint = region::endpoint(&self.location, &region);
        let client = client(&endpoint, &region, self.path_style, &self.identity, &self.http);
        *self.client.write() = Signed { client: client.clone(), region };
        client
    }

    async fn list_config(&self, doing: &str) -> Result<Vec<Listed>> {
        let key = self.key_of(FileId::CONFIG);
        let bucket = &self.location.bucket;
        let head = self.ask(doing, async |client| client.head_object().bucket(bucket).key(&key).send().await).await;
        match head {
            Ok(head) => {
                let size = u64::try_from(head.content_length().unwrap_or(0)).unwrap_or(0);
                Ok(vec![Listed { id: FileId::CONFIG.id, size }])
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    async fn list_folder(&self, doing: &str, kind: FileKind) -> Result<Vec<Listed>> {
        let prefix = format!("{}/", self.key(kind.folder()));
        let bucket = &self.location.bucket;
        let mut lines = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..LISTING_PAGES_MAX {
            let page = self
                .ask(doing, async |client| {
                    let page = client.list_objects_v2().bucket(bucket).prefix(&prefix);
                    let page = page.set_continuation_token(after.clone()).customize();
                    page.interceptor(WholeListing).send().await
                })
                .await?;
            for object in page.contents() {
                let Some(key) = object.key() else {
                    return Err(Error::new(ErrorKind::Damaged, format!("{doing}: the server names no file")));
                };
                let Some(name) = key.strip_prefix(&prefix) else { continue };
                let id = match (kind, name.split_once('/')) {
                    (FileKind::Pack, Some((shard, name))) => layout::pack_id_of(shard, name),
                    (FileKind::Pack, None) | (_, Some(_)) => None,
                    (_, None) => layout::id_of(name),
                };
                let Some(id) = id else { continue };
                let Some(size) = object.size().and_then(|size| u64::try_from(size).ok()) else {
                    let context = format!("{doing}: the server does not tell the size of {name}");
                    return Err(Error::new(ErrorKind::Damaged, context));
                };
                lines.push(Listed { id, size });
            }
            // Invariant: a listing that goes on without saying where is an error, not the end.
            match (page.is_truncated().unwrap_or(false), page.next_continuation_token()) {
                (false, _) => return Ok(lines),
                (true, Some(next)) if after.as_deref() != Some(next) => after = Some(next.to_owned()),
                (true, _) => break,
            }
        }
        Err(Error::new(ErrorKind::Damaged, format!("{doing}: the server does not finish its listing")))
    }
}

impl Backend for S3 {
    fn location(&self) -> String {
        self.remote.location().to_owned()
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        let doing = format!("list {} of {}", kind.folder(), self.remote.location());
        self.remote.call(|| doing.clone(), async {
            match kind {
                FileKind::Config => self.list_config(&doing).await,
                kind => self.list_folder(&doing, kind).await,
            }
        })
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        let doing = self.remote.reading(file);
        let (bucket, key) = (&self.location.bucket, self.key_of(file));
        self.remote.call(|| doing.clone(), async {
            let request = async |client: &Client| client.get_object().bucket(bucket).key(&key).send().await;
            let mut object = self.ask(&doing, request).await?;
            let length = object.content_length().and_then(|length| u64::try_from(length).ok());
            body::whole(&self.remote, &doing, length, &mut object.body).await
        })
    }

    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let doing = self.remote.reading(file);
        let Some(last) = (buffer.len() as u64).checked_sub(1).map(|more| offset.saturating_add(more)) else {
            return Ok(());
        };
        let (bucket, key, range) = (&self.location.bucket, self.key_of(file), format!("bytes={offset}-{last}"));
        self.remote.call(|| doing.clone(), async {
            let request =
                async |client: &Client| client.get_object().bucket(bucket).key(&key).range(&range).send().await;
            let mut object = self.ask(&doing, request).await?;
            body::check_range(&doing, object.content_range(), file, offset, buffer.len())?;
            body::fill(&self.remote, &doing, &mut object.body, buffer).await
        })
    }

    fn size(&self, file: FileId) -> Result<u64> {
        let doing = self.remote.reading(file);
        let (bucket, key) = (&self.location.bucket, self.key_of(file));
        self.remote.call(|| doing.clone(), async {
            let request = async |client: &Client| client.head_object().bucket(bucket).key(&key).send().await;
            let head = self.ask(&doing, request).await?;
            Ok(u64::try_from(head.content_length().unwrap_or(0)).unwrap_or(0))
        })
    }
}

impl Storage for S3 {
    fn create(&self) -> Result<()> {
        let doing = format!("make {}", self.remote.location());
        self.remote.call(|| doing.clone(), self.make_bucket(&doing, NewBucket::Plain))
    }

    fn write(&self, file: FileId, content: &Content) -> Result<()> {
        let doing = self.remote.writing(file);
        self.remote.call(|| doing.clone(), self.write_file(&doing, file, content))
    }

    fn remove(&self, file: FileId) -> Result<()> {
        let doing = self.remote.removing(file);
        self.remote.call(|| doing.clone(), self.remove_file(&doing, file))
    }
}

impl Body for ByteStream {
    async fn next(&mut self) -> Option<Result<Bytes>> {
        let part = ByteStream::next(self).await?;
        Some(part.map_err(|error| transport("receive the answer", error)))
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3").field("remote", &self.remote).finish_non_exhaustive()
    }
}

fn client(endpoint: &str, region: &str, path_style: bool, identity: &Identity, http: &SharedHttpClient) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new(region.to_owned()))
        .force_path_style(path_style)
        .http_client(http.clone())
        // Which connections are fit to be used again is the HTTP client's affair.
        .retry_config(RetryConfig::disabled().with_reconnect_mode(ReconnectMode::ReuseAllConnections))
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        // Every blob is authenticated by its MAC; many S3-compatible servers do not know the newer checksums.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    Client::from_conf(identity.apply(config).build())
}
