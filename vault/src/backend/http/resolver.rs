//! From host names to addresses.

use std::io;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::{GaiAddrs, GaiFuture, GaiResolver, Name};
use tower_service::Service;

/// The system's resolver, except that everything below `localhost` is this machine, as RFC 6761, section 6.3, has it. Not
/// every system knows, and a local S3 server has its buckets there: `bucket.localhost`.
#[derive(Debug, Clone)]
pub(in crate::backend) struct Resolver(GaiResolver);

impl Resolver {
    pub(super) fn new() -> Self {
        Self(GaiResolver::new())
    }
}

impl Service<Name> for Resolver {
    type Response = GaiAddrs;
    type Error = io::Error;
    type Future = GaiFuture;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> GaiFuture {
        let local = is_below_localhost(name.as_str()).then(|| "localhost".parse().ok()).flatten();
        self.0.call(local.unwrap_or(name))
    }
}

fn is_below_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.rsplit_once('.').is_some_and(|(below, last)| !below.is_empty() && last.eq_ignore_ascii_case("localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_below_localhost_are_this_machine() {
        for (name, expected) in [
            ("bucket.localhost", true),
            ("a.b.LocalHost.", true),
            ("localhost", false),
            (".localhost", false),
            ("localhost.example.com", false),
            ("bucket.notlocalhost", false),
        ] {
            assert_eq!(is_below_localhost(name), expected, "{name}");
        }
    }
}
