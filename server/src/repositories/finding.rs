//! What is wrong with a storage, in one plain sentence and one code: every failure that a person can do something about has
//! its own.

use bygone_vault::{Error, ErrorKind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{Problem, ProblemCode};
use crate::storages::StorageError;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingCode {
    /// It can be reached, opened and written to.
    Ready,
    /// A repository is there; nobody tried to open it.
    PasswordNeeded,
    /// The storage answers, but there is no repository.
    NoRepository,
    /// A repository is there already.
    RepositoryThere,
    /// The password opens no key of the repository.
    WrongPassword,
    /// Nothing listens at this address and port.
    Refused,
    /// The server's name stands for no address.
    NameUnknown,
    /// The address is one that this installation does not connect to.
    AddressForbidden,
    /// The server's certificate is not trusted, or there is no TLS where some should be.
    Tls,
    /// The server's SSH key is not the known one.
    HostKey,
    /// The storage does not accept who signs in.
    SignInRefused,
    /// Files can be read there, but not written.
    NotWritable,
    /// There is no such bucket.
    BucketMissing,
    /// The folder does not exist.
    FolderMissing,
    /// No answer in time.
    TimedOut,
    /// The storage is full.
    Full,
    /// What lies there is damaged, or of a version that is not known.
    Unreadable,
    /// The location cannot be.
    BadLocation,
    /// Something else, which the message names.
    Failed,
}

/// The answer of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Finding {
    /// For programs.
    pub code: FindingCode,
    /// For people: what is wrong, and what may help.
    pub message: String,
    /// What the storage said, without any secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Finding {
    pub(super) fn new(code: FindingCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), detail: None }
    }

    pub(super) fn ready() -> Self {
        Self::new(FindingCode::Ready, "the repository can be reached, opened and written to")
    }

    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.code == FindingCode::Ready
    }

    /// Whether an error says that the storage answers, and that no repository is there.
    pub(super) fn is_absence(error: &Error) -> bool {
        code_of(error) == FindingCode::NoRepository
    }

    /// What an error means.
    pub fn of(error: &StorageError) -> Self {
        match error {
            StorageError::Vault(error) => {
                let code = code_of(error);
                Self { code, message: sentence(code).to_owned(), detail: Some(error.chain()) }
            }
            StorageError::Location(error) => Self::new(FindingCode::BadLocation, error.to_string()),
            StorageError::Secrets(_) | StorageError::Store(_) | StorageError::Stopping => {
                Self::new(FindingCode::Failed, "the server could not look; its log says why")
            }
        }
    }
}

/// A finding where a problem is wanted.
pub(super) fn problem(error: &StorageError) -> Problem {
    if let StorageError::Stopping = error {
        return Problem::new(ProblemCode::Unavailable, "the server is stopping");
    }
    let finding = Finding::of(error);
    let title = match &finding.detail {
        Some(detail) => format!("{} ({detail})", finding.message),
        None => finding.message,
    };
    match finding.code {
        FindingCode::WrongPassword => Problem::invalid("password", title),
        FindingCode::BadLocation
        | FindingCode::NoRepository
        | FindingCode::BucketMissing
        | FindingCode::FolderMissing
        | FindingCode::NameUnknown
        | FindingCode::AddressForbidden => Problem::invalid("location", title),
        FindingCode::SignInRefused | FindingCode::HostKey => Problem::invalid("credential", title),
        FindingCode::RepositoryThere => Problem::new(ProblemCode::Conflict, title),
        FindingCode::Ready
        | FindingCode::PasswordNeeded
        | FindingCode::Refused
        | FindingCode::Tls
        | FindingCode::NotWritable
        | FindingCode::TimedOut
        | FindingCode::Full
        | FindingCode::Unreadable
        | FindingCode::Failed => Problem::new(ProblemCode::StorageFailed, title),
    }
}

/// Whether an error says that a whole bucket is missing.
pub(super) fn names_bucket(error: &Error) -> bool {
    error.chain().contains("NoSuchBucket")
}

fn code_of(error: &Error) -> FindingCode {
    let text = error.chain().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match error.kind() {
        ErrorKind::WrongPassword => FindingCode::WrongPassword,
        ErrorKind::Conflict => FindingCode::RepositoryThere,
        ErrorKind::NotARepository if says(&["folder does not exist"]) => FindingCode::FolderMissing,
        ErrorKind::NotFound | ErrorKind::NotARepository if says(&["nosuchbucket"]) => FindingCode::BucketMissing,
        ErrorKind::NotFound | ErrorKind::NotARepository => FindingCode::NoRepository,
        ErrorKind::Denied if says(&["may not be connected to"]) => FindingCode::AddressForbidden,
        ErrorKind::Denied if says(&["host key"]) => FindingCode::HostKey,
        ErrorKind::Denied | ErrorKind::Unsupported | ErrorKind::Unavailable
            if says(&["certificate", "tls", "ssl", "corrupt message", "handshake"]) =>
        {
            FindingCode::Tls
        }
        // What was done tells reading and signing in from writing.
        ErrorKind::Denied if says(&["write ", "make "]) && !says(&["sign", "401", "invalidaccesskey"]) => {
            FindingCode::NotWritable
        }
        ErrorKind::Denied => FindingCode::SignInRefused,
        ErrorKind::Io if says(&["read-only", "readonly"]) => FindingCode::NotWritable,
        ErrorKind::TimedOut => FindingCode::TimedOut,
        ErrorKind::Unavailable
            if says(&["dns", "lookup address", "name or service not known", "no such host", "name resolution"]) =>
        {
            FindingCode::NameUnknown
        }
        ErrorKind::Unavailable if says(&["connection refused"]) => FindingCode::Refused,
        ErrorKind::NoSpace => FindingCode::Full,
        ErrorKind::Damaged | ErrorKind::Unsupported => FindingCode::Unreadable,
        ErrorKind::InvalidInput => FindingCode::BadLocation,
        ErrorKind::Ambiguous
        | ErrorKind::Unavailable
        | ErrorKind::Cancelled
        | ErrorKind::Locked
        | ErrorKind::Retained
        | ErrorKind::Io => FindingCode::Failed,
    }
}

fn sentence(code: FindingCode) -> &'static str {
    match code {
        FindingCode::Ready => "the repository can be reached, opened and written to",
        FindingCode::PasswordNeeded => "a repository is there: its password opens it",
        FindingCode::NoRepository => "the storage answers, but there is no repository at this place",
        FindingCode::RepositoryThere => "there is a repository at this place already: adopt it with its password",
        FindingCode::WrongPassword => "the password opens no key of this repository",
        FindingCode::Refused => "nothing listens at this address and port",
        FindingCode::NameUnknown => "the server's name stands for no address: look for a typing error",
        FindingCode::AddressForbidden => {
            "this address may not be connected to from here: storage.allowed_networks of the server's configuration allows it"
        }
        FindingCode::Tls => "the server's certificate is not trusted, or it does not speak TLS at this port",
        FindingCode::HostKey => "the server's SSH key is not one of the known hosts of the credential",
        FindingCode::SignInRefused => "the storage does not accept these keys or this password",
        FindingCode::NotWritable => "files can be read there, but not written",
        FindingCode::BucketMissing => "there is no such bucket",
        FindingCode::FolderMissing => "the folder does not exist",
        FindingCode::TimedOut => "the storage does not answer in time",
        FindingCode::Full => "the storage is full",
        FindingCode::Unreadable => "what lies there is damaged, or of a version that is not known",
        FindingCode::BadLocation => "this is no location of a repository",
        FindingCode::Failed => "the storage failed",
    }
}
