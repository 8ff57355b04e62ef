//! The PROXY protocol, versions 1 and 2: where a connection came from before it reached the proxy. Source: HAProxy's
//! proxy-protocol.txt.

use std::net::SocketAddr;

use ppp::{HeaderResult, PartialResult};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// Bytes of a header at most: version 2 with a few extensions.
const HEADER_BYTES_MAX: usize = 1024;

/// Reads the header, and not a byte more. None: the proxy speaks for itself.
pub(super) async fn read_header(stream: &mut TcpStream) -> Result<Option<SocketAddr>, String> {
    let mut buffer = [0; HEADER_BYTES_MAX];
    let mut seen = 0;
    loop {
        let count = stream.peek(&mut buffer).await.map_err(|error| error.to_string())?;
        if count == 0 {
            return Err("the connection ended".to_owned());
        }
        let read = buffer.get(..count).unwrap_or_default();
        let parsed = HeaderResult::parse(read);
        if parsed.is_complete() {
            let (length, source) = understand(&parsed)?;
            let header = buffer.get_mut(..length).ok_or("the header is too long")?;
            stream.read_exact(header).await.map_err(|error| error.to_string())?;
            return Ok(source);
        }
        if count == HEADER_BYTES_MAX {
            return Err("the header is too long".to_owned());
        }
        if count == seen {
            // Nothing new: `peek` answers at once as long as something lies there.
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        seen = count;
    }
}

fn understand(parsed: &HeaderResult<'_>) -> Result<(usize, Option<SocketAddr>), String> {
    match parsed {
        HeaderResult::V1(Ok(header)) => {
            let source = match header.addresses {
                ppp::v1::Addresses::Tcp4(pair) => Some((pair.source_address, pair.source_port).into()),
                ppp::v1::Addresses::Tcp6(pair) => Some((pair.source_address, pair.source_port).into()),
                ppp::v1::Addresses::Unknown => None,
            };
            Ok((header.header.len(), source))
        }
        HeaderResult::V2(Ok(header)) => {
            let source = match header.addresses {
                ppp::v2::Addresses::IPv4(pair) => Some((pair.source_address, pair.source_port).into()),
                ppp::v2::Addresses::IPv6(pair) => Some((pair.source_address, pair.source_port).into()),
                ppp::v2::Addresses::Unix(_) | ppp::v2::Addresses::Unspecified => None,
            };
            Ok((header.len(), source.filter(|_| header.command == ppp::v2::Command::Proxy)))
        }
        HeaderResult::V1(Err(fault)) => Err(fault.to_string()),
        HeaderResult::V2(Err(fault)) => Err(fault.to_string()),
    }
}
