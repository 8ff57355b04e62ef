//! Single requests to an S3 server, signed with anybody's keys: what no client of a repository would ask for.

use std::io::{Read, Write};
use std::net::TcpStream;

use ring::{digest, hmac};

/// A request in the making. The bucket stands in the path.
#[derive(Debug)]
pub struct Request<'a> {
    port: u16,
    keys: (&'a str, &'a str),
    method: &'a str,
    path: &'a str,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Head and body, as they came.
    pub text: String,
}

impl<'a> Request<'a> {
    pub(super) fn new(port: u16, keys: (&'a str, &'a str), method: &'a str, path: &'a str) -> Self {
        let host = ("host".to_owned(), format!("127.0.0.1:{port}"));
        Self { port, keys, method, path, query: Vec::new(), headers: vec![host], body: Vec::new() }
    }

    /// Adds a parameter of the query.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a header; its name in lower case.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends these bytes.
    #[must_use]
    pub fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    /// Sends it.
    ///
    /// # Panics
    /// When there is no answer.
    pub fn send(mut self) -> Answer {
        let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
        self.headers.push(("x-amz-date".to_owned(), now.clone()));
        self.headers.push(("x-amz-content-sha256".to_owned(), sha256(&self.body)));
        self.headers.sort();
        self.query.sort();
        let query: Vec<String> =
            self.query.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
        let query = query.join("&");
        let signature = self.signature(&query, &now);
        let mut head = format!("{} {}?{query} HTTP/1.1\r\n{signature}\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n", self.body.len()));
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(&[head.as_bytes(), &self.body].concat()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let text = String::from_utf8_lossy(&answer).into_owned();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
        Answer { status: status.unwrap_or_else(|| panic!("{} {}: no answer: {text}", self.method, self.path)), text }
    }

    /// The header that signs the request, by Amazon's signature version 4.
    fn signature(&self, query: &str, now: &str) -> String {
        let (access_key, secret_key) = self.keys;
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let payload = sha256(&self.body);
        let canonical = format!("{}\n{}\n{query}\n{headers}\n{names}\n{payload}", self.method, self.path);
        let day = &now[..8];
        let scope = format!("{day}/us-east-1/s3/aws4_request");
        let to_sign = format!("AWS4-HMAC-SHA256\n{now}\n{scope}\n{}", sha256(canonical.as_bytes()));
        let mut key = format!("AWS4{secret_key}").into_bytes();
        for part in [day, "us-east-1", "s3", "aws4_request", &to_sign] {
            key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec();
        }
        let signature = hex(&key);
        format!(
            "authorization: AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
        )
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
