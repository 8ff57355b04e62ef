use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbaImage};
use serde_json::{Value, json};

use super::support::{Answer, World};

const RUSSIAN: &str = "Съешь же ещё этих мягких французских булок, да выпей чаю.\n";

fn check_untrusted(answer: &Answer) {
    assert_eq!(answer.headers["content-security-policy"], "sandbox; default-src 'none'; frame-ancestors 'self'");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert_eq!(answer.headers["cache-control"], "private, no-store");
}

#[tokio::test]
async fn texts_are_shown_page_by_page_whatever_their_encoding() {
    let mut world = World::empty().await;
    let text = RUSSIAN.repeat(20);
    world.write("utf8.txt", &text);
    world.write("cp1251.txt", &*encoding_rs::WINDOWS_1251.encode(&text).0);
    world.write("koi8.txt", &*encoding_rs::KOI8_R.encode(&text).0);
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    world.write("wide.txt", wide);
    world.write("program", b"\x7fELF\x02\x01\x01\0\0\0\0\0");
    world.write("empty", "");
    world.take("2026-10-01 10:00:00").await;
    let me = world.person_with(&["/"]).await;
    for (file, encoding) in
        [("utf8.txt", "UTF-8"), ("cp1251.txt", "windows-1251"), ("koi8.txt", "KOI8-"), ("wide.txt", "UTF-16LE")]
    {
        for bytes in [17, 100, 100_000] {
            let (mut whole, mut offset) = (String::new(), Some(0));
            while let Some(at) = offset {
                let answer = world.of(&me, &format!("text?path=/{file}&offset={at}&bytes={bytes}")).await;
                check_untrusted(&answer);
                let page = answer.ok();
                assert!(page["encoding"].as_str().unwrap().starts_with(encoding), "{file}: {page}");
                assert_eq!(page["replaced"], false);
                whole.push_str(page["text"].as_str().unwrap());
                offset = page["next"].as_u64();
            }
            assert_eq!(whole, text, "{file} in pages of {bytes}");
        }
    }
    let told = world.of(&me, "text?path=/cp1251.txt&encoding=koi8-r").await.ok();
    assert_eq!((&told["encoding"], told["text"] == text.as_str()), (&json!("KOI8-R"), false));
    assert_eq!(world.of(&me, "text?path=/program").await.problem(), (415, None));
    assert_eq!(world.of(&me, "text?path=/empty").await.ok()["text"], "");
    assert_eq!(world.of(&me, "text?path=/utf8.txt&offset=999999").await.problem(), (400, Some("offset".to_owned())));
    assert_eq!(world.of(&me, "text?path=/utf8.txt&encoding=latin").await.problem(), (400, Some("encoding".to_owned())));
}

fn picture(width: u32, height: u32, format: ImageFormat, alpha: u8) -> Vec<u8> {
    let picture = RgbaImage::from_fn(width, height, |x, y| image::Rgba([x as u8, y as u8, 7, alpha]));
    let picture = DynamicImage::ImageRgba8(picture);
    let picture = if alpha == 255 { DynamicImage::ImageRgb8(picture.into_rgb8()) } else { picture };
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

/// A PNG whose head says that it is of this size, and that holds nothing.
fn promised(width: u32, height: u32) -> Vec<u8> {
    let mut head = b"IHDR".to_vec();
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend([8, 2, 0, 0, 0]);
    let mut checksum = u32::MAX;
    for byte in &head {
        checksum ^= u32::from(*byte);
        for _ in 0..8 {
            checksum = if checksum & 1 == 1 { (checksum >> 1) ^ 0xedb8_8320 } else { checksum >> 1 };
        }
    }
    [&b"\x89PNG\r\n\x1a\n\0\0\0\x0d"[..], &head, &(!checksum).to_be_bytes(), b"\0\0\0\0IDAT\x35\xaf\x06\x1e"].concat()
}

#[tokio::test]
async fn pictures_are_drawn_anew_within_limits() {
    let mut world = World::empty().await;
    world.write("wide.png", picture(400, 100, ImageFormat::Png, 255));
    world.write("clear.png", picture(40, 40, ImageFormat::Png, 9));
    world.write("photo.jpg", [picture(50, 60, ImageFormat::Jpeg, 255), b"<script>".to_vec()].concat());
    world.write("anim.gif", picture(30, 30, ImageFormat::Gif, 255));
    world.write("web.webp", picture(30, 30, ImageFormat::WebP, 255));
    world.write("huge.png", promised(100_000, 100_000));
    world.write("heavy.png", promised(19_000, 19_000));
    world.write("drawing.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>");
    world.write("broken.png", &picture(40, 40, ImageFormat::Png, 255)[..60]);
    world.take("2026-10-01 10:00:00").await;
    let me = world.person_with(&["/"]).await;
    for (file, kind, size) in [
        ("wide.png", "image/jpeg", (64, 16)),
        ("clear.png", "image/png", (40, 40)),
        ("photo.jpg", "image/jpeg", (50, 60)),
        ("anim.gif", "", (30, 30)),
        ("web.webp", "image/jpeg", (30, 30)),
    ] {
        let answer = world.of(&me, &format!("image?path=/{file}&pixels=64")).await;
        assert_eq!(answer.status.as_u16(), 200, "{file}: {answer:?}");
        check_untrusted(&answer);
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with(kind), "{file}");
        assert!(!answer.bytes.windows(8).any(|window| window == b"<script>"));
        let drawn = image::load_from_memory(&answer.bytes).unwrap();
        assert_eq!((drawn.width(), drawn.height()), size, "{file}");
    }
    for (file, status) in [("huge.png", 413), ("heavy.png", 413), ("drawing.svg", 415), ("broken.png", 415)] {
        assert_eq!(world.of(&me, &format!("image?path=/{file}")).await.problem(), (status, None), "{file}");
    }
}

#[tokio::test]
async fn what_browsers_show_by_themselves_is_sent_as_it_is_and_in_a_box() {
    let mut world = World::empty().await;
    let pdf = [b"%PDF-1.7\n".to_vec(), vec![7; 100_000]].concat();
    world.write("paper.pdf", &pdf);
    world.write("picture.txt", picture(30, 30, ImageFormat::Png, 255));
    world.write("page.pdf", "<html><script>alert(1)</script></html>");
    world.write("drawing.png", "<svg xmlns='http://www.w3.org/2000/svg'/>");
    world.write("empty.pdf", "");
    world.take("2026-10-01 10:00:00").await;
    let me = world.person_with(&["/"]).await;
    for (file, kind) in [("paper.pdf", "application/pdf"), ("picture.txt", "image/png")] {
        let answer = world.of(&me, &format!("media?path=/{file}")).await;
        assert_eq!((answer.status.as_u16(), &answer.headers["content-type"]), (200, &kind.parse().unwrap()), "{file}");
        check_untrusted(&answer);
        assert!(!answer.headers.contains_key("content-disposition"), "it is shown, not saved");
        assert_eq!(answer.headers["accept-ranges"], "bytes");
    }
    assert_eq!(world.of(&me, "media?path=/paper.pdf").await.bytes, pdf);
    for file in ["page.pdf", "drawing.png", "empty.pdf"] {
        assert_eq!(
            world.of(&me, &format!("media?path=/{file}")).await.problem(),
            (415, Some("path".to_owned())),
            "{file}"
        );
    }
    assert_eq!(world.of(&me, "media?path=/").await.problem().0, 422);
    let stranger = world.person_with(&[]).await;
    assert_eq!(world.of(&stranger, "media?path=/paper.pdf").await.problem().0, 404);
}

#[tokio::test]
async fn the_hash_of_a_file_is_what_sha256sum_says() {
    let mut world = World::empty().await;
    world.write("three", "abc");
    world.write("none", "");
    world.write("folder/x", "x");
    let large: Vec<u8> = (0..9_000_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    world.write("large", &large);
    world.take("2026-10-01 10:00:00").await;
    let me = world.person_with(&["/"]).await;
    let hash = async |name: &str| -> Value { world.of(&me, &format!("hash?path=/{name}")).await.ok() };
    assert_eq!(hash("three").await["sha256"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(hash("none").await["sha256"], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let told = hash("large").await;
    assert_eq!((&told["sha256"], &told["bytes"]), (&json!(sha256(&large)), &json!(large.len())));
    assert_eq!(world.of(&me, "hash?path=/folder").await.problem(), (422, Some("path".to_owned())));
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(bytes))
}
