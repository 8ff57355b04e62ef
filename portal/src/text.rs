//! What a text file says, a page at a time, whatever its encoding.

mod charset;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bygone_common::SourceUid;
use bygone_common::access::Use;
use bygone_http::extract::{Json, Path, Query};
use bygone_http::offload::offload;
use bygone_http::{Problem, ProblemCode, Result};
use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asker::Asker;
use crate::file::{FileQuery, OpenFile, UNTRUSTED};
use crate::portal::Portal;

/// Bytes of a page when nobody asks for a number.
const PAGE_BYTES: u32 = 256 << 10;
/// Bytes of a page at most.
const PAGE_BYTES_MAX: u32 = 1 << 20;
/// Bytes from the beginning of a file that its encoding is told by.
const SAMPLE_BYTES: usize = 64 << 10;

pub(crate) fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new().routes(routes!(text))
}

/// Which file is meant, and which page of it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TextQuery {
    /// A time, and the newest snapshot taken then or before is meant; or the beginning of a snapshot's id; or `latest`.
    at: Option<String>,
    /// The file.
    path: Option<String>,
    /// The same in base64, where it is not UTF-8.
    path_base64: Option<String>,
    /// Where the page begins, in bytes: 0, or the `next` of the page before.
    #[serde(default)]
    offset: u64,
    /// Bytes of the file on the page at most: 16 to 1048576, 262144 if not said.
    #[param(minimum = 16, maximum = 1_048_576)]
    bytes: Option<u32>,
    /// The encoding, as the web names it; told from the content if not said.
    encoding: Option<String>,
}

/// A page of a text.
#[derive(Debug, Serialize, ToSchema)]
pub struct TextBody {
    text: String,
    /// How it was read, as the web names encodings.
    encoding: String,
    /// Whether something did not fit the encoding, and was replaced.
    replaced: bool,
    /// Where the page begins, in bytes.
    offset: u64,
    /// Bytes of the file.
    size: u64,
    /// Where the next page begins. Null on the last page.
    next: Option<u64>,
}

/// Shows a page of a text file.
#[utoipa::path(
    get, path = "/sources/{source}/text", tag = "portal", params(("source" = uuid::Uuid, Path), TextQuery),
    responses((status = 200, body = TextBody), (status = "default", body = Problem))
)]
async fn text(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Path(uid): Path<SourceUid>,
    Query(query): Query<TextQuery>,
) -> Result<Response> {
    const SMALLEST: u32 = 16;
    let TextQuery { at, path, path_base64, offset, bytes, encoding } = query;
    let bytes = bytes.unwrap_or(PAGE_BYTES);
    if !(SMALLEST..=PAGE_BYTES_MAX).contains(&bytes) {
        let sentence = format!("a page has {SMALLEST} to {PAGE_BYTES_MAX} bytes");
        return Err(Problem::new(ProblemCode::Malformed, sentence).about("bytes"));
    }
    let unknown = || Problem::new(ProblemCode::Malformed, "no encoding is called so").about("encoding");
    let named = encoding.map(|label| Encoding::for_label(label.as_bytes()).ok_or_else(unknown)).transpose()?;
    let file = portal.file(&actor, uid, &FileQuery { at, path, path_base64 }, Use::Preview, "text").await?;
    let body = offload(move || page(&file, offset, bytes as usize, named)).await?;
    Ok((UNTRUSTED, Json(body)).into_response())
}

fn page(file: &OpenFile, offset: u64, bytes: usize, named: Option<&'static Encoding>) -> Result<TextBody> {
    let size = file.reader.size();
    if offset > size {
        return Err(Problem::new(ProblemCode::Malformed, "the file ends before").about("offset"));
    }
    let encoding = match named {
        Some(encoding) => encoding,
        None => {
            let sample = read(file, 0, SAMPLE_BYTES)?;
            let told = charset::of(&sample, sample.len() as u64 == size);
            told.ok_or_else(|| Problem::new(ProblemCode::UnsupportedType, "this file is not a text"))?
        }
    };
    let mut piece = read(file, offset, bytes)?;
    let is_last = offset + piece.len() as u64 == size;
    if !is_last {
        let cut = charset::cut(encoding, &piece);
        piece.truncate(cut);
    }
    let begin = if offset == 0 { charset::mark_len(encoding, &piece) } else { 0 };
    let (text, replaced) = encoding.decode_without_bom_handling(piece.get(begin..).unwrap_or_default());
    Ok(TextBody {
        text: text.into_owned(),
        encoding: encoding.name().to_owned(),
        replaced,
        offset,
        size,
        next: (!is_last).then_some(offset + piece.len() as u64),
    })
}

fn read(file: &OpenFile, offset: u64, bytes: usize) -> Result<Vec<u8>> {
    let left = usize::try_from(file.reader.size().saturating_sub(offset)).unwrap_or(usize::MAX);
    let mut piece = vec![0; bytes.min(left)];
    let read = file.reader.read_at(offset, &mut piece)?;
    piece.truncate(read);
    Ok(piece)
}
