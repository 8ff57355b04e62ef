//! Servers that know only version 1 of the REST protocol, or less than that. None is to be had as a package.

use std::collections::HashMap;

use bygone_common::Id;
use bygone_vault::ErrorKind;
use bygone_vault::backend::{BackendOptions, FileId, FileKind, Listed};

use super::contract::{once, open};
use super::wire::{self, body};

const CONTENT: &[u8] = b"0123456789";

/// Serves `answers`: a request's line → its answer. What is not in the list is 404.
fn serve(answers: HashMap<String, String>) -> String {
    let host = wire::serve(move |request| answers.get(&request.line).cloned().unwrap_or(body("404 Not Found", "", "")));
    format!("rest:http://{host}/")
}

fn hex(byte: u8) -> String {
    Id::new([byte; 32]).to_hex()
}

fn pack(byte: u8) -> FileId {
    FileId { kind: FileKind::Pack, id: Id::new([byte; 32]) }
}

#[test]
fn a_listing_without_sizes_is_completed_by_asking_for_each() {
    let names = format!(r#"["{}","{}","{}"]"#, hex(1), hex(2), hex(3));
    let location = serve(HashMap::from([
        ("GET /data/".to_owned(), body("200 OK", "Content-Type: application/vnd.x.restic.rest.v1\r\n", &names)),
        (format!("HEAD /data/{}", hex(1)), "200 OK\r\nContent-Length: 10\r\n\r\n".to_owned()),
        (format!("HEAD /data/{}", hex(3)), "200 OK\r\nContent-Length: 30\r\n\r\n".to_owned()),
    ]));
    let mut lines = open(&location, &BackendOptions::default()).backend.list(FileKind::Pack).unwrap();
    lines.sort();
    // The second was removed since it was listed.
    let line = |byte, size| Listed { id: Id::new([byte; 32]), size };
    assert_eq!(lines, [line(1, 10), line(3, 30)]);
}

#[test]
fn a_size_that_cannot_be_had_makes_the_listing_an_error() {
    let names = format!(r#"["{}"]"#, hex(1));
    let location = serve(HashMap::from([
        ("GET /data/".to_owned(), body("200 OK", "", &names)),
        (format!("HEAD /data/{}", hex(1)), body("500 Internal Server Error", "", "")),
    ]));
    let error = open(&location, &once(BackendOptions::default())).backend.list(FileKind::Pack).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[test]
fn a_folder_that_the_server_lacks_is_empty_only_beside_a_config() {
    let location =
        serve(HashMap::from([("HEAD /config".to_owned(), "200 OK\r\nContent-Length: 5\r\n\r\n".to_owned())]));
    assert_eq!(open(&location, &BackendOptions::default()).backend.list(FileKind::Lock).unwrap(), []);
    let location = serve(HashMap::new());
    let error = open(&location, &BackendOptions::default()).backend.list(FileKind::Lock).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotARepository, "{}", error.chain());
}

#[test]
fn only_the_range_asked_for_is_believed() {
    let content = std::str::from_utf8(CONTENT).unwrap();
    let part = |headers: &str, content: &str| body("206 Partial Content", headers, content);
    let location = serve(HashMap::from([
        // A server that ignores ranges.
        (format!("GET /data/{}", hex(1)), body("200 OK", "", content)),
        // One that sends another part, fewer bytes than it says, more bytes than asked for, no range at all.
        (format!("GET /data/{}", hex(2)), part("Content-Range: bytes 0-3/10\r\n", "0123")),
        (
            format!("GET /data/{}", hex(3)),
            "206 Partial Content\r\nContent-Range: bytes 2-5/10\r\nContent-Length: 4\r\n\r\n23".to_owned(),
        ),
        (format!("GET /data/{}", hex(4)), part("Content-Range: bytes 2-5/10\r\n", "23456")),
        (format!("GET /data/{}", hex(5)), part("", "2345")),
        // One whose file ends early, in both ways of saying so.
        (format!("GET /data/{}", hex(6)), part("Content-Range: bytes 2-3/4\r\n", "23")),
        (format!("GET /data/{}", hex(7)), body("416 Range Not Satisfiable", "Content-Range: bytes */2\r\n", "")),
        // And one that is right.
        (format!("GET /data/{}", hex(8)), part("Content-Range: bytes 2-5/10\r\n", "2345")),
    ]));
    let backend = open(&location, &once(BackendOptions::default())).backend;
    let mut buffer = [0; 4];
    for (byte, kind) in [
        (1, ErrorKind::Unsupported),
        (2, ErrorKind::Unsupported),
        (3, ErrorKind::Unavailable),
        (4, ErrorKind::Damaged),
        (5, ErrorKind::Unsupported),
        (6, ErrorKind::Damaged),
        (7, ErrorKind::Damaged),
        (9, ErrorKind::NotFound),
    ] {
        let error = backend.read_at(pack(byte), 2, &mut buffer).unwrap_err();
        assert_eq!(error.kind(), kind, "file {byte}: {}", error.chain());
    }
    backend.read_at(pack(8), 2, &mut buffer).unwrap();
    assert_eq!(&buffer, b"2345");
}

#[test]
fn a_redirection_is_told_and_not_followed_with_a_password() {
    let location = serve(HashMap::from([(
        "GET /config".to_owned(),
        body("301 Moved Permanently", "Location: https://elsewhere.example/\r\n", ""),
    )]));
    let error = open(&location, &BackendOptions::default()).backend.read(FileId::CONFIG).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("https://elsewhere.example/"), "{error}");
}
