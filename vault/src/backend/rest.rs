//! A repository behind restic's REST protocol, version 2 with a fall-back to version 1.
//!
//! Source: restic's `doc/REST_backend.rst`. Packs lie in `data/` without subfolders here.

mod listing;
mod write;

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bygone_common::plan::StorageClass;
use futures_util::{StreamExt, TryStreamExt, stream};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, LOCATION, RANGE, SERVER, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, StatusCode, request};
use hyper::body::Incoming;

use super::http::{HttpClient, client, status_kind, transport};
use super::remote::Remote;
use super::upload::Upload;
use super::{Backend, BackendOptions, CancelToken, Content, FileId, FileKind, Listed, Storage, body, too_short};
use crate::error::{Error, ErrorKind, Result};
use crate::location::RestLocation;
use listing::Line;

/// The listing with sizes. Servers that do not know it answer with names alone.
const PROTOCOL_V2: HeaderValue = HeaderValue::from_static("application/vnd.x.restic.rest.v2");
/// The class of storage that a pack is to be kept in, as our gateway understands it. Other servers pass it over.
pub const STORAGE_CLASS_HEADER: &str = "bygone-storage-class";
const AGENT: HeaderValue = HeaderValue::from_static(concat!("bygone/", env!("CARGO_PKG_VERSION")));
/// Size questions at once, for listings of version 1.
const SIZE_QUESTIONS_MAX: usize = 16;

/// A repository on a REST server.
pub(super) struct Rest {
    remote: Remote,
    client: HttpClient<Upload>,
    /// The repository's URL, with a slash at its end.
    url: String,
    authorization: Option<HeaderValue>,
    /// The class of packs that want no colder one.
    class: StorageClass,
}

impl Rest {
    /// # Errors
    /// Unusable certificate files.
    pub(super) fn open(location: &RestLocation, options: &BackendOptions, cancel: CancelToken) -> Result<Self> {
        Ok(Self {
            remote: Remote::new(location.to_string(), options, cancel)?,
            client: client(options, location.url.scheme() == "http")?,
            url: location.url.as_str().to_owned(),
            authorization: authorization(location, options)?,
            class: options.class,
        })
    }

    fn url_of(&self, file: FileId) -> String {
        match file.kind {
            FileKind::Config => format!("{}config", self.url),
            kind => format!("{}{}/{}", self.url, kind.folder(), file.id),
        }
    }

    /// Sends one request and waits for the head of its answer, whatever its status is.
    async fn send(
        &self,
        doing: &str,
        method: Method,
        url: &str,
        range: Option<(u64, u64)>,
    ) -> Result<Response<Incoming>> {
        let mut request = self.request(method, url);
        if let Some((first, last)) = range {
            request = request.header(RANGE, format!("bytes={first}-{last}"));
        }
        let answer = self.exchange(doing, request, Upload::default());
        self.remote.within(self.remote.deadlines.answer, doing, answer).await
    }

    fn request(&self, method: Method, url: &str) -> request::Builder {
        let request = Request::builder().method(method).uri(url).header(ACCEPT, PROTOCOL_V2).header(USER_AGENT, AGENT);
        match &self.authorization {
            Some(authorization) => request.header(AUTHORIZATION, authorization),
            None => request,
        }
    }

    /// Sends a request with its body. The caller sets the deadline.
    async fn exchange(&self, doing: &str, request: request::Builder, body: Upload) -> Result<Response<Incoming>> {
        let request = request.body(body).map_err(|error| {
            Error::new(ErrorKind::InvalidInput, format!("{doing}: malformed request")).because(error)
        })?;
        self.client.request(request).await.map_err(|error| transport(doing, error))
    }

    async fn read_whole(&self, doing: &str, file: FileId) -> Result<Vec<u8>> {
        let mut answer = self.send(doing, Method::GET, &self.url_of(file), None).await?;
        if answer.status() != StatusCode::OK {
            return Err(refusal(doing, &answer));
        }
        let length = content_length(&answer);
        body::whole(&self.remote, doing, length, answer.body_mut()).await
    }

    /// The size of a file; `None` when there is none.
    async fn size_of(&self, file: FileId) -> Result<Option<u64>> {
        let doing = format!("ask for the size of {file} at {}", self.remote.location());
        let answer = self.send(&doing, Method::HEAD, &self.url_of(file), None).await?;
        match answer.status() {
            StatusCode::OK => match content_length(&answer) {
                Some(size) => Ok(Some(size)),
                None => Err(Error::new(ErrorKind::Unsupported, format!("{doing}: the server does not tell"))),
            },
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(refusal(&doing, &answer)),
        }
    }

    async fn list_kind(&self, kind: FileKind) -> Result<Vec<Listed>> {
        if kind == FileKind::Config {
            let size = self.size_of(FileId::CONFIG).await?;
            return Ok(size.map(|size| Listed { id: FileId::CONFIG.id, size }).into_iter().collect());
        }
        let doing = format!("list {} of {}", kind.folder(), self.remote.location());
        let mut answer = self.send(&doing, Method::GET, &format!("{}{}/", self.url, kind.folder()), None).await?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND if is_rclone(&answer) => {
                // rclone answers an empty list for a folder that is missing, and this for some faults of its storage.
                return Err(Error::new(ErrorKind::Unavailable, format!("{doing}: rclone cannot list it now")));
            }
            StatusCode::NOT_FOUND => return self.missing_folder(&doing).await,
            _ => return Err(refusal(&doing, &answer)),
        }
        let length = content_length(&answer);
        let text = body::whole(&self.remote, &doing, length, answer.body_mut()).await?;
        let lines = listing::parse(&doing, &text)?;
        let sized = stream::iter(lines.into_iter().map(|line| async move {
            match line {
                Line::Sized(line) => Ok(Some(line)),
                // A file that vanished since it was listed was removed by somebody's prune.
                Line::Named(id) => {
                    let size = self.size_of(FileId::new(kind, id)).await?;
                    Ok(size.map(|size| Listed { id, size }))
                }
            }
        }));
        sized.buffer_unordered(SIZE_QUESTIONS_MAX).try_filter_map(|line| async move { Ok(line) }).try_collect().await
    }

    /// A folder that the server does not have is empty if the repository is there at all.
    async fn missing_folder(&self, doing: &str) -> Result<Vec<Listed>> {
        match self.size_of(FileId::CONFIG).await? {
            Some(_) => Ok(Vec::new()),
            None => Err(Error::new(
                ErrorKind::NotARepository,
                format!("{doing}: no repository there, as it holds no config file"),
            )),
        }
    }
}

impl Backend for Rest {
    fn location(&self) -> String {
        self.remote.location().to_owned()
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        let doing = || format!("list {} of {}", kind.folder(), self.remote.location());
        self.remote.call(doing, self.list_kind(kind))
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        let doing = self.remote.reading(file);
        self.remote.call(|| doing.clone(), self.read_whole(&doing, file))
    }

    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let doing = self.remote.reading(file);
        let Some(last) = (buffer.len() as u64).checked_sub(1).map(|more| offset.saturating_add(more)) else {
            return Ok(());
        };
        self.remote.call(|| doing.clone(), async {
            let mut answer = self.send(&doing, Method::GET, &self.url_of(file), Some((offset, last))).await?;
            let range = answer.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
            match answer.status() {
                StatusCode::PARTIAL_CONTENT => body::check_range(&doing, range, file, offset, buffer.len())?,
                StatusCode::OK => body::check_range(&doing, None, file, offset, buffer.len())?,
                StatusCode::RANGE_NOT_SATISFIABLE => {
                    let size = range.and_then(|range| range.rsplit_once('/')?.1.parse().ok()).unwrap_or(offset);
                    return Err(too_short(file, size, offset, buffer.len()).context(doing.clone()));
                }
                _ => return Err(refusal(&doing, &answer)),
            }
            body::fill(&self.remote, &doing, answer.body_mut(), buffer).await
        })
    }

    fn size(&self, file: FileId) -> Result<u64> {
        let doing = || format!("look at {file} at {}", self.remote.location());
        self.remote.call(doing, self.size_of(file))?.ok_or_else(|| super::absent(file))
    }
}

impl Storage for Rest {
    fn create(&self) -> Result<()> {
        self.remote.call(|| format!("make {}", self.remote.location()), self.make_place())
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

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest").field("remote", &self.remote).finish_non_exhaustive()
    }
}

/// Basic sign-in, from the location or else from the options, as in restic.
fn authorization(location: &RestLocation, options: &BackendOptions) -> Result<Option<HeaderValue>> {
    let (user, password) = match (&location.user, &location.password) {
        (None, None) => (&options.rest.user, &options.rest.password),
        named => named,
    };
    if user.is_none() && password.is_none() {
        return Ok(None);
    }
    let user = user.as_deref().unwrap_or_default();
    let password = password.as_ref().map(|password| password.expose().as_str()).unwrap_or_default();
    let pair = BASE64_STANDARD.encode(format!("{user}:{password}"));
    let mut value = HeaderValue::from_str(&format!("Basic {pair}"))
        .map_err(|error| Error::new(ErrorKind::InvalidInput, format!("sign in to {location}")).because(error))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn content_length(answer: &Response<Incoming>) -> Option<u64> {
    answer.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_rclone(answer: &Response<Incoming>) -> bool {
    answer.headers().get(SERVER).is_some_and(|server| server.as_bytes().starts_with(b"rclone/"))
}

/// The error for an answer that is no success.
fn refusal(doing: &str, answer: &Response<Incoming>) -> Error {
    let status = answer.status();
    let target = answer.headers().get(LOCATION).and_then(|target| target.to_str().ok());
    let why = match target.filter(|_| status.is_redirection()) {
        Some(target) => format!("the server redirects to {target:?}: use that location"),
        None => format!("the server answers {status}"),
    };
    Error::new(status_kind(status.as_u16()), format!("{doing}: {why}"))
}
