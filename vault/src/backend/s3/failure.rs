//! Sorting what an S3 server, the SDK or the network complains about.

use std::error::Error as StdError;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::credentials::Identity;
use crate::backend::http::{status_kind, transport_kind};
use crate::error::{Error, ErrorKind};

/// What the SDK answers.
pub(super) type Answer<T, E> = Result<T, SdkError<E, HttpResponse>>;

/// A service error of any operation.
pub(super) trait Service: ProvideErrorMetadata + StdError + Send + Sync + 'static {}

impl<E: ProvideErrorMetadata + StdError + Send + Sync + 'static> Service for E {}

/// Our error for the SDK's.
pub(super) fn error<E: Service>(doing: &str, error: SdkError<E, HttpResponse>, identity: &Identity) -> Error {
    let (kind, why) = match &error {
        SdkError::ServiceError(service) => {
            let (code, message) = (service.err().code(), service.err().message());
            let status = service.raw().status().as_u16();
            let kind = code.and_then(code_kind).unwrap_or_else(|| status_kind(status));
            let mut why = match (code, message) {
                (Some(code), Some(message)) => format!("the server answers {code}: {message}"),
                (Some(text), None) | (None, Some(text)) => format!("the server answers {text}"),
                (None, None) => format!("the server answers {status}"),
            };
            if kind == ErrorKind::Denied {
                why = format!("{why} ({})", identity.hint());
            }
            // The sentence says it all; the SDK's own chain would only repeat it.
            return Error::new(kind, format!("{doing}: {why}"));
        }
        SdkError::TimeoutError(_) => (ErrorKind::TimedOut, "no answer in time"),
        SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
            Some(_) if needs_keys(&error) => (ErrorKind::Denied, identity.hint()),
            Some(cause) if cause.is_timeout() => (ErrorKind::TimedOut, "no connection in time"),
            Some(cause) => (transport_kind(cause), "the server cannot be reached"),
            None => (ErrorKind::Unavailable, "the server cannot be reached"),
        },
        SdkError::ResponseError(_) => (ErrorKind::Unavailable, "the server's answer cannot be understood"),
        SdkError::ConstructionFailure(_) => (ErrorKind::Denied, identity.hint()),
        _ => (ErrorKind::Unavailable, "the request failed"),
    };
    let failed = Error::new(kind, format!("{doing}: {why}"));
    match error.into_source() {
        Ok(cause) => failed.because(cause),
        Err(error) => failed.because(error),
    }
}

/// Whether signing failed because no source had keys.
fn needs_keys(error: &(dyn StdError + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<aws_credential_types::provider::error::CredentialsError>() {
            use aws_credential_types::provider::error::CredentialsError as E;
            return matches!(error, E::CredentialsNotLoaded(_) | E::InvalidConfiguration(_) | E::ProviderError(_));
        }
        cause = error.source();
    }
    false
}

/// Codes that say more than the status they come with.
fn code_kind(code: &str) -> Option<ErrorKind> {
    match code {
        "NoSuchKey" | "NoSuchBucket" | "NotFound" => Some(ErrorKind::NotFound),
        "AccessDenied"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "ExpiredToken"
        | "InvalidToken"
        | "TokenRefreshRequired"
        | "RequestTimeTooSkewed"
        | "AccountProblem"
        | "AllAccessDisabled" => Some(ErrorKind::Denied),
        // Archived: somebody must bring the file back first.
        "InvalidObjectState" => Some(ErrorKind::Denied),
        "SlowDown"
        | "Throttling"
        | "ThrottlingException"
        | "RequestTimeout"
        | "InternalError"
        | "ServiceUnavailable"
        | "Busy"
        | "OperationAborted" => Some(ErrorKind::Unavailable),
        "InvalidRange" | "BadDigest" | "XAmzContentSHA256Mismatch" => Some(ErrorKind::Damaged),
        "QuotaExceeded" | "InsufficientStorage" | "XMinioStorageFull" | "XMinioAdminBucketQuotaExceeded" => {
            Some(ErrorKind::NoSpace)
        }
        "BucketAlreadyExists" | "BucketAlreadyOwnedByYou" => Some(ErrorKind::Conflict),
        _ => None,
    }
}

/// The region that the server says the bucket lies in, when that is why it refused.
pub(super) fn region_hint<E: Service>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    let SdkError::ServiceError(service) = error else { return None };
    let moved = matches!(service.raw().status().as_u16(), 301 | 307)
        || matches!(
            service.err().code(),
            Some("AuthorizationHeaderMalformed" | "PermanentRedirect" | "IllegalLocationConstraintException")
        );
    // HEAD answers have no body and so no code: then the header alone speaks.
    let header = service.raw().headers().get("x-amz-bucket-region").map(str::to_owned);
    let named = header.or_else(|| {
        let body = std::str::from_utf8(service.raw().body().bytes()?).ok()?;
        let (_, rest) = body.split_once("<Region>")?;
        Some(rest.split_once("</Region>")?.0.to_owned())
    })?;
    let headless = service.raw().status().as_u16() == 400 && service.err().code().is_none();
    let is_name = !named.is_empty() && named.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    ((moved || headless) && is_name).then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_decide_before_the_status_does() {
        for (code, kind) in [
            ("NoSuchBucket", Some(ErrorKind::NotFound)),
            ("SignatureDoesNotMatch", Some(ErrorKind::Denied)),
            ("SlowDown", Some(ErrorKind::Unavailable)),
            ("InvalidRange", Some(ErrorKind::Damaged)),
            ("Teapot", None),
        ] {
            assert_eq!(code_kind(code), kind, "{code}");
        }
    }
}
