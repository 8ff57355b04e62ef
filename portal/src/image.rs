//! Pictures, drawn anew: what is shown was decoded here and encoded here, and carries nothing else of the file.

use std::io::Cursor;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bygone_common::SourceUid;
use bygone_common::access::Use;
use bygone_http::extract::{Path, Query};
use bygone_http::offload::offload;
use bygone_http::{Problem, ProblemCode, Result};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asker::Asker;
use crate::file::{FileQuery, OpenFile, UNTRUSTED};
use crate::portal::Portal;

/// Bytes of a file that is taken for a picture, at most.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// Width and height of a picture in a file, at most.
const SIDE_PIXELS_MAX: u32 = 20_000;
/// Memory that decoding one may take: 48 million pixels of three bytes, and some.
const DECODED_BYTES_MAX: u64 = 192 << 20;
/// Width and height of what is shown, at most.
const SHOWN_PIXELS_MAX: u32 = 2_048;
/// The same when nobody asks for a number.
const SHOWN_PIXELS: u32 = 1_024;
const JPEG_QUALITY: u8 = 85;

pub(crate) fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new().routes(routes!(image))
}

/// Which picture is meant, and how large it is shown.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImageQuery {
    /// A time, and the newest snapshot taken then or before is meant; or the beginning of a snapshot's id; or `latest`.
    at: Option<String>,
    /// The file.
    path: Option<String>,
    /// The same in base64, where it is not UTF-8.
    path_base64: Option<String>,
    /// Pixels of the longer side at most: 16 to 2048, 1024 if not said.
    #[param(minimum = 16, maximum = 2048)]
    pixels: Option<u32>,
}

/// Shows a picture: of a PNG, JPEG, GIF or WebP file, as a PNG where it is transparent and as a JPEG where not.
#[utoipa::path(
    get, path = "/sources/{source}/image", tag = "portal", params(("source" = uuid::Uuid, Path), ImageQuery),
    responses(
        (status = 200, content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"))),
        (status = "default", body = Problem)
    )
)]
async fn image(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Path(uid): Path<SourceUid>,
    Query(query): Query<ImageQuery>,
) -> Result<Response> {
    const SMALLEST: u32 = 16;
    let ImageQuery { at, path, path_base64, pixels } = query;
    let pixels = pixels.unwrap_or(SHOWN_PIXELS);
    if !(SMALLEST..=SHOWN_PIXELS_MAX).contains(&pixels) {
        let sentence = format!("a picture is shown with {SMALLEST} to {SHOWN_PIXELS_MAX} pixels");
        return Err(Problem::new(ProblemCode::Malformed, sentence).about("pixels"));
    }
    let file = portal.file(&actor, uid, &FileQuery { at, path, path_base64 }, Use::Preview, "image").await?;
    let turn = portal.images.clone().acquire_owned().await;
    let turn = turn.map_err(|_| Problem::new(ProblemCode::Unavailable, "the server stops"))?;
    let drawn = offload(move || {
        // The memory is free before the next one begins.
        let drawn = draw(&file, pixels);
        drop(turn);
        drawn
    });
    let (kind, bytes) = drawn.await?;
    Ok(([(header::CONTENT_TYPE, kind)], UNTRUSTED, bytes).into_response())
}

fn draw(file: &OpenFile, pixels: u32) -> Result<(&'static str, Vec<u8>)> {
    let no_picture = || Problem::new(ProblemCode::UnsupportedType, "this file is no picture that can be shown");
    let too_large = || Problem::new(ProblemCode::TooLarge, "this picture is too large to be shown");
    let size = file.reader.size();
    if size > FILE_BYTES_MAX {
        return Err(too_large());
    }
    let mut bytes = vec![0; usize::try_from(size).map_err(|_| too_large())?];
    let read = file.reader.read_at(0, &mut bytes)?;
    bytes.truncate(read);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| no_picture())?;
    let known = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP];
    if !reader.format().is_some_and(|format| known.contains(&format)) {
        return Err(no_picture());
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_PIXELS_MAX);
    limits.max_image_height = Some(SIDE_PIXELS_MAX);
    limits.max_alloc = Some(DECODED_BYTES_MAX);
    reader.limits(limits);
    let refused = |fault: image::ImageError| match fault {
        image::ImageError::Limits(_) => too_large(),
        image::ImageError::Decoding(_)
        | image::ImageError::Encoding(_)
        | image::ImageError::Parameter(_)
        | image::ImageError::Unsupported(_)
        | image::ImageError::IoError(_) => no_picture(),
    };
    let mut decoder = reader.into_decoder().map_err(refused)?;
    if decoder.total_bytes() > DECODED_BYTES_MAX {
        return Err(too_large());
    }
    let orientation = decoder.orientation().map_err(refused)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    if picture.width() > pixels || picture.height() > pixels {
        picture = picture.thumbnail(pixels, pixels);
    }
    picture.apply_orientation(orientation);
    let mut drawn = Vec::new();
    if picture.color().has_alpha() {
        picture.write_to(&mut Cursor::new(&mut drawn), ImageFormat::Png).map_err(refused)?;
        return Ok(("image/png", drawn));
    }
    let encoder = JpegEncoder::new_with_quality(&mut drawn, JPEG_QUALITY);
    DynamicImage::ImageRgb8(picture.into_rgb8()).write_with_encoder(encoder).map_err(refused)?;
    Ok(("image/jpeg", drawn))
}
