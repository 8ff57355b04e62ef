//! Refuses listings that were cut. The SDK's reader of XML takes the end of the text for the end of the list.

use aws_sdk_s3::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;

/// Lets a successful answer pass only if its XML is closed.
#[derive(Debug)]
pub(super) struct WholeListing;

#[dyn_dispatch_hint]
impl Intercept for WholeListing {
    fn name(&self) -> &'static str {
        "WholeListing"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context.response();
        if !answer.status().is_success() || answer.body().bytes().is_some_and(is_whole) {
            return Ok(());
        }
        Err("the listing was cut".into())
    }
}

/// Whether the text ends with the closing tag of a listing, whatever its namespace is called.
fn is_whole(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    let open = text.iter().rposition(|byte| *byte == b'<').and_then(|at| text.get(at..));
    let is_listing = |tag: &[u8]| tag.ends_with(b"ListBucketResult>") || tag.ends_with(b"ListVersionsResult>");
    open.is_some_and(|tag| tag.starts_with(b"</") && is_listing(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_closed_listing_is_whole() {
        for (text, whole) in [
            ("<ListBucketResult></ListBucketResult>", true),
            ("<s3:ListBucketResult></s3:ListBucketResult>\n", true),
            ("<ListVersionsResult><Version></Version></ListVersionsResult>", true),
            ("<ListVersionsResult><Version></Version>", false),
            ("<ListBucketResult>", false),
            ("<ListBucketResult><Contents></Contents>", false),
            ("<ListBucketResult></ListBucketResult", false),
            ("", false),
        ] {
            assert_eq!(is_whole(text.as_bytes()), whole, "{text}");
        }
    }
}
