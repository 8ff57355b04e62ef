//! What S3 servers say on bad days, and servers that are wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bygone_common::{Id, Secret};
use bygone_vault::ErrorKind;
use bygone_vault::backend::options::PathStyle;
use bygone_vault::backend::{BackendOptions, FileId, FileKind, Listed, OpenBackend, RetryPolicy};

use super::contract::{once, open};
use super::wire::{Request, body, serve};

fn options() -> BackendOptions {
    let mut options = once(BackendOptions::default());
    options.s3.access_key = Some("key".to_owned());
    options.s3.secret_key = Some(Secret::new("secret".to_owned()));
    options
}

fn open_s3(options: &BackendOptions, script: impl Fn(&Request) -> String + Send + 'static) -> OpenBackend {
    open(&format!("s3:http://{}/bucket/prefix", serve(script)), options)
}

fn failure(status: &str, code: &str, more: &str) -> String {
    let xml = format!(r#"<?xml version="1.0"?><Error><Code>{code}</Code><Message>why</Message>{more}</Error>"#);
    body(status, "Content-Type: application/xml\r\n", &xml)
}

fn signed_for(request: &Request, region: &str) -> bool {
    request.headers.contains(&format!("/{region}/s3/aws4_request"))
}

#[test]
fn a_bucket_of_another_region_is_followed_there() {
    let first = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&first);
    let storage = open_s3(&options(), move |request| {
        asked.fetch_add(1, Ordering::SeqCst);
        match signed_for(request, "eu-west-3") {
            true => body("200 OK", "", "config"),
            false => failure("400 Bad Request", "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>"),
        }
    });
    for _ in 0..3 {
        assert_eq!(storage.backend.read(FileId::CONFIG).unwrap(), b"config");
    }
    assert_eq!(first.load(Ordering::SeqCst), 4, "only the first call asks in the wrong region");
}

#[test]
fn an_answer_without_a_body_tells_the_region_too() {
    let storage = open_s3(&options(), |request| match signed_for(request, "eu-west-3") {
        true => "200 OK\r\nContent-Length: 6\r\n\r\n".to_owned(),
        false => "400 Bad Request\r\nx-amz-bucket-region: eu-west-3\r\nContent-Length: 0\r\n\r\n".to_owned(),
    });
    assert_eq!(storage.backend.list(FileKind::Config).unwrap(), [Listed { id: FileId::CONFIG.id, size: 6 }]);
}

#[test]
fn a_region_given_by_name_is_signed_for() {
    let mut options = options();
    options.s3.region = Some("moon-1".to_owned());
    let storage = open_s3(&options, |request| match signed_for(request, "moon-1") {
        true => body("200 OK", "", "config"),
        false => body("500 Internal Server Error", "", ""),
    });
    storage.backend.read(FileId::CONFIG).unwrap();
}

#[test]
fn a_bucket_is_named_in_the_path_or_in_the_host() {
    for (path_style, host, line) in [
        (PathStyle::Auto, "localhost", "GET /bucket/prefix/config"),
        (PathStyle::On, "localhost", "GET /bucket/prefix/config"),
        (PathStyle::Off, "bucket.localhost", "GET /prefix/config"),
        // An address has nothing below it.
        (PathStyle::Off, "127.0.0.1", "GET /bucket/prefix/config"),
    ] {
        let mut options = options();
        options.s3.path_style = path_style;
        let (line, host_line) = (line.to_owned(), format!("host: {host}:"));
        let server = serve(move |request| {
            let asked = request.line.split('?').next() == Some(&line) && request.headers.contains(&host_line);
            body(if asked { "200 OK" } else { "400 Bad Request" }, "", "config")
        });
        let server = server.replace("127.0.0.1", host.trim_start_matches("bucket."));
        let storage = open(&format!("s3:http://{server}/bucket/prefix"), &options);
        assert_eq!(storage.backend.read(FileId::CONFIG).unwrap(), b"config", "{path_style:?} {host}");
    }
}

#[test]
fn a_listing_that_does_not_end_properly_is_an_error_and_not_a_short_one() {
    let page = |more: &str| {
        let name = "ab".repeat(32);
        let xml = format!(
            r#"<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
            <Contents><Key>prefix/keys/{name}</Key><Size>7</Size></Contents>{more}</ListBucketResult>"#
        );
        body("200 OK", "Content-Type: application/xml\r\n", &xml)
    };
    let whole = page("<IsTruncated>false</IsTruncated>");
    let storage = open_s3(&options(), move |_| whole.clone());
    assert_eq!(storage.backend.list(FileKind::Key).unwrap(), [Listed { id: Id::new([0xab; 32]), size: 7 }]);
    for more in [
        "<IsTruncated>true</IsTruncated>",
        "<IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken>",
    ] {
        let page = page(more);
        let storage = open_s3(&options(), move |_| page.clone());
        assert_eq!(storage.backend.list(FileKind::Key).unwrap_err().kind(), ErrorKind::Damaged, "{more}");
    }
    // Cut in the middle of the text, which the SDK takes for its end.
    let closed = page("<IsTruncated>false</IsTruncated>");
    let start = closed.find("<?xml").unwrap();
    let xml = closed[start..].trim_end().to_owned();
    for len in [0, 60, xml.len() / 2, xml.len() - 1] {
        let cut = body("200 OK", "Content-Type: application/xml\r\n", &xml[..len]);
        let storage = open_s3(&options(), move |_| cut.clone());
        let error = storage.backend.list(FileKind::Key).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{len}: {}", error.chain());
    }
}

#[test]
fn a_server_that_asks_for_patience_gets_it() {
    let calls = Arc::new(AtomicUsize::new(0));
    let answers = [
        failure("503 Slow Down", "SlowDown", ""),
        failure("500 Internal Server Error", "InternalError", ""),
        body("429 Too Many Requests", "", ""),
        // Fewer bytes than announced.
        "200 OK\r\nContent-Length: 6\r\n\r\ncon".to_owned(),
        body("200 OK", "", "config"),
    ];
    let (expected, asked) = (answers.len(), Arc::clone(&calls));
    let mut options = options();
    options.retry = RetryPolicy { first_wait: Duration::from_millis(1), ..RetryPolicy::default() };
    let storage = open_s3(&options, move |_| answers[asked.fetch_add(1, Ordering::SeqCst)].clone());
    assert_eq!(storage.backend.read(FileId::CONFIG).unwrap(), b"config");
    assert_eq!(calls.load(Ordering::SeqCst), expected, "our retries, and none of the SDK's");
}

#[test]
fn only_the_range_asked_for_is_believed() {
    let part =
        |range: &str, content: &str| body("206 Partial Content", &format!("Content-Range: {range}\r\n"), content);
    for (answer, kind) in [
        (body("200 OK", "", "0123456789"), Some(ErrorKind::Unsupported)),
        (part("bytes 0-3/10", "0123"), Some(ErrorKind::Unsupported)),
        (part("bytes 2-5/10", "23456"), Some(ErrorKind::Damaged)),
        (part("bytes 2-3/4", "23"), Some(ErrorKind::Damaged)),
        (failure("416 Range Not Satisfiable", "InvalidRange", ""), Some(ErrorKind::Damaged)),
        (failure("404 Not Found", "NoSuchKey", ""), Some(ErrorKind::NotFound)),
        (failure("403 Forbidden", "AccessDenied", ""), Some(ErrorKind::Denied)),
        (part("bytes 2-5/10", "2345"), None),
    ] {
        let shown = answer.clone();
        let storage = open_s3(&options(), move |_| answer.clone());
        let mut buffer = [0; 4];
        let read = storage.backend.read_at(FileId::CONFIG, 2, &mut buffer).map_err(|error| error.kind());
        assert_eq!(read.err(), kind, "{shown}");
        assert!(kind.is_some() || &buffer == b"2345");
    }
}
