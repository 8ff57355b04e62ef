//! From host names to addresses.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

use crate::backend::AddressRule;

/// The system's resolver, except that everything below `localhost` is this machine, as RFC 6761, section 6.3, has it. Not
/// every system knows, and a local S3 server has its buckets there: `bucket.localhost`.
///
/// Addresses that may not be connected to are left out.
#[derive(Debug, Clone)]
pub(in crate::backend) struct Resolver {
    system: GaiResolver,
    rule: AddressRule,
}

impl Resolver {
    pub(super) fn new(rule: AddressRule) -> Self {
        Self { system: GaiResolver::new(), rule }
    }
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.system.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let local = is_below_localhost(name.as_str()).then(|| "localhost".parse().ok()).flatten();
        let rule = self.rule.clone();
        let shown = name.to_string();
        let found = self.system.call(local.unwrap_or(name));
        Box::pin(async move {
            let allowed: Vec<SocketAddr> = found.await?.filter(|address| rule.allows(address.ip())).collect();
            if allowed.is_empty() {
                let refusal = AddressRule::refusal(&shown).to_string();
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, refusal));
            }
            Ok(allowed.into_iter())
        })
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
