//! One connection that stays open, and asks for one thing after the other.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// A connection.
pub(super) struct Connection {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
    /// Headers of every request.
    headers: String,
}

/// Host and path of a URL.
pub(super) fn parts(url: &str) -> Result<(&str, &str)> {
    url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).context("a URL")
}

impl Connection {
    pub(super) fn open(host: &str, token: Option<&str>) -> Result<Self> {
        let stream = TcpStream::connect(host).context("connecting")?;
        stream.set_nodelay(true).context("setting a connection up")?;
        let reader = BufReader::with_capacity(1 << 16, stream.try_clone().context("a second handle of a connection")?);
        let headers = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        Ok(Self { reader, writer: stream, headers })
    }

    /// Asks; the status, with the body in `body`.
    pub(super) fn get(&mut self, path: &str, header: &str, body: &mut Vec<u8>) -> Result<u16> {
        write!(self.writer, "GET /{path} HTTP/1.1\r\nHost: x\r\n{}{header}\r\n", self.headers).context("asking")?;
        let status = self.line()?.split(' ').nth(1).and_then(|status| status.parse().ok()).context("a status")?;
        let mut length = None;
        loop {
            let line = self.line()?;
            match line.split_once(':') {
                _ if line.is_empty() => break,
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().ok();
                }
                _ => {}
            }
        }
        let Some(length) = length else { bail!("an answer does not say how long it is") };
        body.resize(length, 0);
        self.reader.read_exact(body).context("reading an answer")?;
        Ok(status)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.reader.read_line(&mut line).context("reading an answer")? == 0 {
            bail!("an answer broke off");
        }
        line.truncate(line.trim_end().len());
        Ok(line)
    }
}

/// What lies above all but one of twenty values.
pub(super) fn p95(mut values: Vec<f64>) -> Result<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() * 95 / 100).copied().context("nothing was answered")
}
