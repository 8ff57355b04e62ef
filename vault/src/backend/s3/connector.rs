//! Lets the SDK speak through the HTTP client that REST servers are called by: one pool, one set of certificates.

use aws_sdk_s3::config::SharedHttpClient;
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;

use crate::backend::BackendOptions;
use crate::backend::http::{HttpClient, client, transport_kind};
use crate::error::{ErrorKind, Result};

/// An HTTP client for the SDK.
///
/// # Errors
/// Unusable certificate files.
pub(super) fn http_client(options: &BackendOptions, plain: bool) -> Result<SharedHttpClient> {
    let connector = SharedHttpConnector::new(Connector(client(options, plain)?));
    Ok(http_client_fn(move |_, _| connector.clone()))
}

#[derive(Debug, Clone)]
struct Connector(HttpClient<SdkBody>);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let answer = client.request(request).await.map_err(|error| match transport_kind(&error) {
                ErrorKind::TimedOut => ConnectorError::timeout(error.into()),
                _ => ConnectorError::io(error.into()),
            })?;
            HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}
