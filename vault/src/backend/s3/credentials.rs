//! Which keys requests are signed with.

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_s3::config::{Builder, Credentials, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_async::rt::sleep::TokioSleep;
use bygone_common::Secret;

use crate::backend::options::S3Options;
use crate::error::{Error, ErrorKind, Result};

/// The profile taken when none is named, as everywhere with AWS.
const DEFAULT_PROFILE: &str = "default";

/// Who signs.
#[derive(Debug, Clone)]
pub(super) enum Identity {
    /// Nobody: a public bucket.
    Anonymous,
    /// Keys given outright.
    Keys(SharedCredentialsProvider),
    /// Keys from the first of these that has some; they are asked at the first request and when they expire.
    Found(SharedCredentialsProvider),
    /// There is nothing that could have keys.
    Missing,
}

impl Identity {
    /// # Errors
    /// `InvalidInput` for half a pair of keys.
    pub(super) fn new(options: &S3Options, http: &SharedHttpClient) -> Result<Self> {
        if options.anonymous {
            return Ok(Self::Anonymous);
        }
        match (&options.access_key, &options.secret_key) {
            (Some(id), Some(secret)) => {
                let token = options.session_token.as_ref().map(|token| token.expose().clone());
                let keys = Credentials::new(id, Secret::expose(secret), token, None, "bygone");
                return Ok(Self::Keys(SharedCredentialsProvider::new(keys)));
            }
            (Some(_), None) => return Err(half("AWS_SECRET_ACCESS_KEY")),
            (None, Some(_)) => return Err(half("AWS_ACCESS_KEY_ID")),
            (None, None) => {}
        }
        let sources =
            ProviderConfig::without_region().with_http_client(http.clone()).with_sleep_impl(TokioSleep::new());
        let mut chain: Option<CredentialsProviderChain> =
            profile(options, &sources).map(|profile| CredentialsProviderChain::first_try("profile", profile));
        if options.ask_platform && options.profile.is_none() {
            let web = WebIdentityTokenCredentialsProvider::builder().configure(&sources).build();
            let container = EcsCredentialsProvider::builder().configure(&sources).build();
            let machine = ImdsCredentialsProvider::builder().configure(&sources).build();
            chain = Some(
                match chain {
                    Some(chain) => chain.or_else("web identity", web),
                    None => CredentialsProviderChain::first_try("web identity", web),
                }
                .or_else("container", container)
                .or_else("machine", machine),
            );
        }
        Ok(chain.map_or(Self::Missing, |chain| Self::Found(SharedCredentialsProvider::new(chain))))
    }

    /// Puts the identity into a client's configuration.
    pub(super) fn apply(&self, config: Builder) -> Builder {
        match self {
            Self::Anonymous => config.allow_no_auth(),
            Self::Keys(keys) | Self::Found(keys) => config.credentials_provider(keys.clone()),
            Self::Missing => config,
        }
    }

    /// What to tell somebody whose request could not be signed or was refused.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::Anonymous => "the bucket is not public",
            Self::Keys(_) => "the server refuses these keys",
            Self::Found(_) | Self::Missing => {
                "no usable keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or ask anonymously"
            }
        }
    }
}

/// The profile to read, when one of the files exists or one was named.
fn profile(options: &S3Options, sources: &ProviderConfig) -> Option<ProfileFileCredentialsProvider> {
    let mut files = EnvConfigFiles::builder();
    let mut found = options.profile.is_some();
    for path in options.credentials_files.iter().filter(|path| path.is_file()) {
        // The two kinds differ in how they name profiles: `[name]` and `[profile name]`.
        let kind = match path.file_name().and_then(|name| name.to_str()) {
            Some("config") => EnvConfigFileKind::Config,
            _ => EnvConfigFileKind::Credentials,
        };
        files = files.with_file(kind, path);
        found = true;
    }
    let name = options.profile.as_deref().unwrap_or(DEFAULT_PROFILE);
    found.then(|| {
        ProfileFileCredentialsProvider::builder()
            .configure(sources)
            .profile_files(files.build())
            .profile_name(name)
            .build()
    })
}

fn half(missing: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("half a pair of S3 keys is given: {missing} is missing"))
}
