//! Lets the SDK send a body whose SHA-256 is known, as it is, in a stream that it need not hash or frame itself.

use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::content_encoding::AwsChunkedBodyOptions;
use aws_sdk_s3::config::interceptors::{BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextMut};
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sigv4::http_request::SignableBody;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;

/// Signs a request for a body of this SHA-256, so that the server refuses any other.
#[derive(Debug)]
pub(super) struct KnownPayload(pub(super) [u8; 32]);

#[dyn_dispatch_hint]
impl Intercept for KnownPayload {
    fn name(&self) -> &'static str {
        "KnownPayload"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // A stream would be framed in chunks, which many S3-compatible servers do not know.
        config.interceptor_state().store_put(AwsChunkedBodyOptions::disable_chunked_encoding());
        Ok(())
    }

    fn modify_before_signing(
        &self,
        _: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Anonymous requests are not signed.
        if let Some(mut signing) = config.load::<SigV4OperationSigningConfig>().cloned() {
            signing.signing_options.payload_override = Some(SignableBody::Precomputed(hex::encode(self.0)));
            config.interceptor_state().store_put(signing);
        }
        Ok(())
    }
}
