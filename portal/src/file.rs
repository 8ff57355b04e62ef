//! One file at a time, open for reading, for whoever may look into it.

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue, header};
use bygone_common::access::Use;
use bygone_common::{SnapshotPath, SourceUid};
use bygone_http::offload::offload;
use bygone_http::{Problem, ProblemCode, Result};
use bygone_store::Actor;
use bygone_vault::{FileReader, NodeKind};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::content;
use crate::moment::At;
use crate::names::path_of;
use crate::portal::Portal;
use crate::reads::Read;

/// Which file is meant.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FileQuery {
    /// A time, and the newest snapshot taken then or before is meant; or the beginning of a snapshot's id; or `latest`.
    pub(crate) at: Option<String>,
    /// The file.
    pub(crate) path: Option<String>,
    /// The same in base64, where it is not UTF-8.
    pub(crate) path_base64: Option<String>,
}

impl FileQuery {
    /// The path.
    pub(crate) fn path(&self) -> Result<SnapshotPath> {
        path_of(self.path.as_deref(), self.path_base64.as_deref())
    }
}

/// A file, open.
pub(crate) struct OpenFile {
    pub(crate) reader: Arc<FileReader>,
    /// The name of its content.
    pub(crate) content: String,
}

impl Portal {
    /// A file that the asker may use so; that it was is written down.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`; `Invalid`: no file.
    pub(crate) async fn file(
        &self,
        actor: &Actor,
        source: SourceUid,
        query: &FileQuery,
        one: Use,
        kind: &'static str,
    ) -> Result<OpenFile> {
        let path = query.path()?;
        let source = self.source(actor, source).await?;
        let moment = self.moment(&source, &At::parse(query.at.as_deref())).await?;
        let read = Read::content(kind, &source, &moment, &path);
        let open = offload(move || {
            let stand = moment.at(&path, one)?;
            let no_file = || Problem::new(ProblemCode::Invalid, "this is not a file").about("path");
            let node = stand.node().filter(|node| node.kind() == NodeKind::File).ok_or_else(no_file)?;
            let reader = Arc::new(moment.repository.file(node)?);
            Ok::<_, Problem>(OpenFile { reader, content: content::of_blobs(node.content()) })
        });
        let open = open.await?;
        self.reads.note(actor, read).await?;
        Ok(open)
    }
}

/// What goes with everything that was made of a file's content: whoever wrote the file must gain nothing by it.
pub(crate) const UNTRUSTED: [(HeaderName, HeaderValue); 5] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'self'")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
];
