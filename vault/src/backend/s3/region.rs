//! Which region a bucket's requests are signed for.

use crate::location::S3Location;

/// The region of servers that have none, by convention of all of them.
pub(super) const DEFAULT: &str = "us-east-1";

const AMAZON: [&str; 2] = [".amazonaws.com", ".amazonaws.com.cn"];

/// Whether the host is Amazon's, where buckets are host names.
pub(super) fn is_amazon(host: &str) -> bool {
    AMAZON.iter().any(|end| host.ends_with(end))
}

/// The region in a host name of Amazon's: `s3.eu-west-1.amazonaws.com`, `s3-…`, `s3.dualstack.…`.
pub(super) fn of_host(host: &str) -> Option<String> {
    let service = AMAZON.iter().find_map(|end| host.strip_suffix(end))?;
    let region = service.strip_prefix("s3.").or_else(|| service.strip_prefix("s3-"))?;
    let region = region.strip_prefix("dualstack.").unwrap_or(region);
    (!region.is_empty() && !region.contains('.')).then(|| region.to_owned())
}

/// Where to ask after the server named another region. Only Amazon's plain host names stand for a region each.
pub(super) fn endpoint(location: &S3Location, region: &str) -> String {
    match AMAZON.iter().find(|end| location.host.ends_with(*end)) {
        Some(end) if location.host.starts_with("s3") && !location.host.contains("dualstack") => {
            let scheme = if location.plain_http { "http" } else { "https" };
            format!("{scheme}://s3.{region}{end}")
        }
        _ => location.endpoint(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amazon_s_host_names_tell_their_region() {
        for (host, region) in [
            ("s3.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("s3-us-west-2.amazonaws.com", Some("us-west-2")),
            ("s3.dualstack.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("s3.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            ("s3.amazonaws.com", None),
            ("s3.eu-west-1.example.com", None),
        ] {
            assert_eq!(of_host(host).as_deref(), region, "{host}");
        }
    }

    #[test]
    fn only_amazon_s_hosts_change_with_the_region() {
        let at = |host: &str| S3Location {
            host: host.to_owned(),
            plain_http: false,
            bucket: "b".to_owned(),
            prefix: String::new(),
        };
        assert_eq!(endpoint(&at("s3.amazonaws.com"), "eu-west-1"), "https://s3.eu-west-1.amazonaws.com");
        assert_eq!(endpoint(&at("s3.example.com:9000"), "eu-west-1"), "https://s3.example.com:9000");
    }
}
