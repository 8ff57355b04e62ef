//! Which addresses storage may have. What an admin of an organization types must not make the server talk to itself or to
//! the platform that it runs on: both trust it more than they trust that admin.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bygone_vault::backend::AddressRule;

use crate::config::Network;

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
    let denied: Vec<Network> = DENIED.iter().filter_map(|text| Network::parse(text)).collect();
    let allowed = allowed.to_vec();
    AddressRule::new(move |address| {
        let address = unwrapped(address);
        let is_in = |networks: &[Network]| networks.iter().any(|network| network.holds(address));
        !is_in(&denied) || is_in(&allowed)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_server_itself_and_its_platform_are_out_of_reach_however_they_are_spelled() {
        assert_eq!(DENIED.iter().filter_map(|text| Network::parse(text)).count(), DENIED.len());
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
        let rule = rule(&[Network::parse("127.0.0.1").unwrap()]);
        assert!(rule.allows("127.0.0.1".parse().unwrap()));
        assert!(!rule.allows("127.0.0.2".parse().unwrap()));
    }
}
