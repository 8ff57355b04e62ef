//! The portal's API under `/portal/v1`, for programs that show somebody's files: which sources there are, and what a drive asks.

use std::time::Duration;

use bygone_common::SourceUid;
use bygone_common::drive::{BlobsRequest, DriveSnapshots, Frame, Frames, TreesRequest};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::api::ApiClient;
use crate::error::{Error, ErrorKind, Result, transport};
use crate::http::refusal;

/// An answer in frames may take so long: megabytes over a slow line.
const FRAMES_MAX: Duration = Duration::from_secs(120);

/// Hits of one page of a search: as many as there may be.
const HITS: u32 = 500;

/// A source of which one sees something.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MySource {
    /// Its uid.
    pub uid: SourceUid,
    /// Its name.
    pub name: String,
}

/// A path that a search found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FoundPath {
    /// The path, as text.
    pub path: String,
    /// Its bytes in base64, where it is not UTF-8.
    #[serde(default)]
    pub path_base64: Option<String>,
}

/// A page of what a search found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FoundPaths {
    /// The paths, best fit first.
    pub hits: Vec<FoundPath>,
    /// Whether more may fit than was found.
    pub partial: bool,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// A server's portal, to whoever is signed in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PortalClient(ApiClient);

impl PortalClient {
    /// The portal of a server.
    pub const fn new(api: ApiClient) -> Self {
        Self(api)
    }

    /// The server's URL.
    pub fn url(&self) -> &str {
        self.0.url()
    }

    /// Every source of which one sees something.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn sources(&self) -> Result<Vec<MySource>> {
        self.0.all("/portal/v1/sources").await
    }

    /// The snapshots of a source that a drive shows.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn drive(&self, source: SourceUid) -> Result<DriveSnapshots> {
        self.0.get(&format!("/portal/v1/sources/{source}/drive")).await
    }

    /// A page of the paths of a source, of any snapshot, that fit a query of the server's index.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn search(&self, source: SourceUid, query: &str, after: Option<&str>) -> Result<FoundPaths> {
        let (query, after) = (encoded(query), after.map(|after| format!("&after={after}")).unwrap_or_default());
        self.0.get(&format!("/portal/v1/search?source={source}&limit={HITS}&q={query}{after}")).await
    }

    /// Trees; calls `land` with the position of each as it arrives.
    ///
    /// # Errors
    /// What the server answers, or that it broke off.
    pub async fn trees(&self, source: SourceUid, request: &TreesRequest, land: impl FnMut(u32, Frame)) -> Result<()> {
        self.frames(&format!("/portal/v1/sources/{source}/drive/trees"), request, land).await
    }

    /// Blobs of files; calls `land` with the position of each as it arrives.
    ///
    /// # Errors
    /// What the server answers, or that it broke off.
    pub async fn blobs(&self, source: SourceUid, request: &BlobsRequest, land: impl FnMut(u32, Frame)) -> Result<()> {
        self.frames(&format!("/portal/v1/sources/{source}/drive/blobs"), request, land).await
    }

    async fn frames(
        &self,
        path: &str,
        request: &(impl Serialize + Sync),
        mut land: impl FnMut(u32, Frame),
    ) -> Result<()> {
        let doing = format!("POST {path}");
        let request = self.0.request(Method::POST, path).timeout(FRAMES_MAX).json(request);
        let mut response = request.send().await.map_err(|error| transport(&doing, &error))?;
        if !response.status().is_success() {
            return Err(refusal(&doing, response).await);
        }
        let unclear = |what: &str| Error::new(ErrorKind::Protocol, format!("{doing}: {what}"));
        let mut frames = Frames::default();
        while let Some(piece) = response.chunk().await.map_err(|error| transport(&doing, &error))? {
            frames.feed(&piece);
            while let Some((position, frame)) =
                frames.next_frame().map_err(|_| unclear("the server answers what is no frame"))?
            {
                land(position, frame);
            }
        }
        match frames.is_empty() {
            true => Ok(()),
            false => Err(unclear("the answer ends in the middle")),
        }
    }
}

/// A text as a value in a URL's query.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_arrives_as_it_was_meant() {
        assert_eq!(encoded("name:a&b ё+%"), "name%3Aa%26b%20%D1%91%2B%25");
    }
}
