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

/// A source of which one sees something.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MySource {
    /// Its uid.
    pub uid: SourceUid,
    /// Its name.
    pub name: String,
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
