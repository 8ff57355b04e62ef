//! Which addresses storage may have. What an admin of an organization types must not make the server talk to itself or to
//! the platform that it runs on: both trust it more than they trust that admin.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use bygone_vault::backend::AddressRule;

/// Denied unless the installation's configuration allows it: this machine, link-local addresses (where platforms keep
/// their metadata services), the metadata services that lie elsewhere, and what is no single machine's address.
const DENIED: [&str; 12] = [
    "127.0.0.0/8",
    "::1/128",
    "0.0.0.0/8",
    "::/128",
    "169.254.0.0/16",
    "fe80::/10",
    "fd00:ec2::/32",
    "100.100.100.200/32",
    "168.63.129.16/32",
    "192.0.0.0/24",
    "224.0.0.0/3",
    "ff00::/8",
];

/// A network: an address and how many of its first bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// What is wrong with a text that should be a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkError(String);

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no network such as 10.0.0.0/8 or fd00::/8", self.0)
    }
}

impl std::error::Error for NetworkError {}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let wrong = || NetworkError(text.to_owned());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl Network {
    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// The IPv4 address that an IPv6 address is another spelling of: mapped, compatible, 6to4 or NAT64.
fn unwrapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else { return address };
    if let Some(four) = six.to_ipv4_mapped() {
        return IpAddr::V4(four);
    }
    let [a, b, c, d, e, f, g, h] = six.segments();
    let four = |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match (a, b, [c, d, e, f]) {
        (0x64, 0xff9b, [0, 0, 0, 0]) => four(g, h),
        (0x2002, ..) => four(b, c),
        (0, 0, [0, 0, 0, 0]) if six != Ipv6Addr::LOCALHOST && six != Ipv6Addr::UNSPECIFIED => four(g, h),
        _ => address,
    }
}

/// The rule for an installation that allows some of what is denied.
pub(super) fn rule(allowed: &[Network]) -> AddressRule {
    let denied: Vec<Network> = DENIED.iter().filter_map(|text| text.parse().ok()).collect();
    let allowed = allowed.to_vec();
    AddressRule::new(move |address| {
        let address = unwrapped(address);
        let is_in = |networks: &[Network]| networks.iter().any(|network| network.contains(address));
        !is_in(&denied) || is_in(&allowed)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_server_itself_and_its_platform_are_out_of_reach_however_they_are_spelled() {
        assert_eq!(DENIED.iter().filter_map(|text| text.parse::<Network>().ok()).count(), DENIED.len());
        let rule = rule(&[]);
        for (address, expected) in [
            ("127.0.0.1", false),
            ("::1", false),
            ("169.254.169.254", false),
            ("::ffff:169.254.169.254", false),
            ("64:ff9b::a9fe:a9fe", false),
            ("2002:7f00:1::", false),
            ("::127.0.0.1", false),
            ("fe80::1", false),
            ("fd00:ec2::254", false),
            ("0.0.0.0", false),
            ("255.255.255.255", false),
            ("10.1.2.3", true),
            ("192.168.1.5", true),
            ("fd12::1", true),
            ("93.184.216.34", true),
            ("2606:2800:220:1::1", true),
        ] {
            assert_eq!(rule.allows(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn an_installation_allows_what_it_names() {
        let rule = rule(&["127.0.0.1".parse().unwrap()]);
        assert!(rule.allows("127.0.0.1".parse().unwrap()));
        assert!(!rule.allows("127.0.0.2".parse().unwrap()));
        for text in ["", "10.0.0.0/33", "x/8", "10.0.0.0/-1"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
