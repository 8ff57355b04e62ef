//! Files that a browser shows by itself: PDF, sound, video and pictures, as they are, in parts. What they are is told by their
//! first bytes, and what is on no list of ours is not shown at all.

use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use bygone_common::SourceUid;
use bygone_http::extract::{Path, Query};
use bygone_http::{Problem, Result};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asker::Asker;
use crate::downloads::ledger::{Receipt, What};
use crate::file::FileQuery;
use crate::moment::At;
use crate::portal::Portal;

/// First bytes of a file by which its kind is told.
pub(crate) const HEAD_BYTES: usize = 32;

pub(crate) fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new().routes(routes!(media))
}

/// Shows a PDF, sound, video or picture as it is: whole or in parts (`Range`). It is sandboxed: nothing in it runs.
#[utoipa::path(
    get, path = "/sources/{source}/media", tag = "portal", params(("source" = uuid::Uuid, Path), FileQuery),
    responses(
        (status = 200, description = "All of it", content((Vec<u8> = "application/pdf"), (Vec<u8> = "image/*"),
            (Vec<u8> = "audio/*"), (Vec<u8> = "video/*"))),
        (status = 206, description = "The parts that were asked for"), (status = 304, description = "It did not change"),
        (status = 415, body = Problem), (status = 416, description = "It has no such part"),
        (status = "default", body = Problem)
    )
)]
async fn media(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Path(uid): Path<SourceUid>,
    Query(query): Query<FileQuery>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let path = query.path()?;
    let source = portal.source(&actor, uid).await?;
    let moment = portal.moment(&source, &At::parse(query.at.as_deref())).await?;
    let (org, snapshot) = (moment.org, moment.snapshot.id.clone());
    let details = json!({ "source": uid, "path": path.to_string() });
    let chosen = portal.choose_shown(moment, path).await?;
    let what = What::Direct { way: "preview", snapshot, details };
    portal.send(&method, &headers, chosen, Receipt { actor, org, what }).await
}

/// What a file that begins so is, if browsers may show it.
pub(crate) fn kind_of(head: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, mark: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(mark));
    let brand = || head.get(8..12).unwrap_or_default();
    Some(match head {
        _ if at(0, b"%PDF-") => "application/pdf",
        _ if at(0, b"\x89PNG\r\n\x1a\n") => "image/png",
        _ if at(0, b"\xff\xd8\xff") => "image/jpeg",
        _ if at(0, b"GIF87a") || at(0, b"GIF89a") => "image/gif",
        _ if at(0, b"RIFF") && at(8, b"WEBP") => "image/webp",
        _ if at(0, b"RIFF") && at(8, b"WAVE") => "audio/wav",
        _ if at(0, b"OggS") => "audio/ogg",
        _ if at(0, b"fLaC") => "audio/flac",
        _ if at(0, b"ID3") => "audio/mpeg",
        // A frame of layer III without a tag before it.
        [0xff, second, ..] if matches!(second & 0xe6, 0xe2) => "audio/mpeg",
        _ if at(0, b"\x1a\x45\xdf\xa3") => "video/webm",
        _ if at(4, b"ftyp") && brand() == b"avif" => "image/avif",
        _ if at(4, b"ftyp") && brand() == b"M4A " => "audio/mp4",
        _ if at(4, b"ftyp") && brand() != b"heic" => "video/mp4",
        _ => return None,
    })
}

/// Why something is not shown.
pub(crate) fn not_shown() -> Problem {
    Problem::new(bygone_http::ProblemCode::UnsupportedType, "browsers show no files of this kind: download it")
        .about("path")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_show_is_told_by_its_first_bytes_and_nothing_else_is_shown() {
        let check = |head: &[u8], kind: Option<&str>| assert_eq!(kind_of(head), kind, "{head:?}");
        check(b"%PDF-1.7\n", Some("application/pdf"));
        check(b"\xff\xd8\xff\xe0\x00\x10JFIF", Some("image/jpeg"));
        check(b"RIFF\x00\x00\x00\x00WEBPVP8 ", Some("image/webp"));
        check(b"RIFF\x00\x00\x00\x00AVI LIST", None);
        check(b"\x00\x00\x00\x18ftypisom", Some("video/mp4"));
        check(b"\x00\x00\x00\x18ftypheic", None);
        check(b"\xff\xfb\x90\x00", Some("audio/mpeg"));
        check(b"<svg xmlns='http://www.w3.org/2000/svg'>", None);
        check(b"<!DOCTYPE html>", None);
        check(b"", None);
        check(b"RIFF", None);
    }
}
