//! The rooms of the house, what may never lead from one to another, and who owns which library (ARCHITECTURE.md says
//! it in words). Rooms that are still to be built are named too, so that they are right from their first day.

/// Which half of the product a room belongs to. An arrow across the halves is an arrow sideways.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    Shared,
    Control,
    Endpoint,
    /// May use both halves: the binary, and the tests of the whole.
    Both,
}

/// One crate: its package, the floor it stands on (arrows lead to lower floors only), and its half.
pub(crate) struct Room {
    pub(crate) package: &'static str,
    pub(crate) floor: u8,
    pub(crate) side: Side,
}

const fn room(package: &'static str, floor: u8, side: Side) -> Room {
    Room { package, floor, side }
}

pub(crate) const ROOMS: &[Room] = &[
    room("bygone-common", 0, Side::Shared),
    room("bygone-vault", 1, Side::Shared),
    room("bygone-store", 1, Side::Control),
    room("bygone-client", 1, Side::Endpoint),
    room("bygone-web", 0, Side::Control),
    room("bygone-http", 2, Side::Control),
    room("bygone-indexer", 2, Side::Control),
    room("bygone-portal", 3, Side::Control),
    room("bygone-fs", 3, Side::Endpoint),
    room("bygone-server", 4, Side::Control),
    room("bygone-agent", 4, Side::Endpoint),
    room("bygone", 5, Side::Both),
    room(TESTS, 6, Side::Both),
    room(AUTOMATION, 7, Side::Both),
];

/// Tests of the whole: may use every room and every library.
pub(crate) const TESTS: &str = "bygone-tests";

/// This crate: uses no room.
pub(crate) const AUTOMATION: &str = "xtask";

/// How far a ban reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach {
    /// The crate must not name it.
    Direct,
    /// It must not be built into the crate by any way.
    Anywhere,
}

/// What may never be: `from` using one of `to`.
pub(crate) struct Never {
    pub(crate) from: &'static str,
    pub(crate) to: &'static [&'static str],
    pub(crate) reach: Reach,
}

const fn never(from: &'static str, reach: Reach, to: &'static [&'static str]) -> Never {
    Never { from, to, reach }
}

/// Libraries that exist to reach files, networks or other processes.
const INPUT_OUTPUT: &[&str] = &[
    "tokio",
    "async-std",
    "smol",
    "mio",
    "socket2",
    "hyper",
    "reqwest",
    "ureq",
    "axum",
    "sqlx",
    "rusqlite",
    "rustix",
    "nix",
    "memmap2",
    "tempfile",
    "russh",
    "aws-sdk-s3",
    "fuser",
    "rustic_core",
];

/// Nevers that floors and halves do not already say.
pub(crate) const NEVERS: &[Never] = &[
    never("bygone-common", Reach::Anywhere, INPUT_OUTPUT),
    never("bygone-vault", Reach::Anywhere, &["axum", "sqlx", "bygone-store", "bygone-indexer"]),
    never("bygone-store", Reach::Anywhere, &["axum", "bygone-vault"]),
    // The engine below has a runtime for remote storage; the file system itself stays synchronous.
    never("bygone-fs", Reach::Direct, &["tokio"]),
    never("bygone-fs", Reach::Anywhere, &["axum", "sqlx", "bygone-store"]),
    never("bygone-indexer", Reach::Anywhere, &["axum", "bygone-store"]),
    never("bygone-portal", Reach::Anywhere, &["bygone-server", "bygone-fs"]),
    never("bygone-agent", Reach::Anywhere, &["bygone-store", "bygone-indexer", "bygone-portal", "bygone-server"]),
    never("bygone-server", Reach::Anywhere, &["bygone-fs", "bygone-agent"]),
];

/// One crate owns each library of others, so that replacing it changes one crate.
pub(crate) struct Owner {
    pub(crate) package: &'static str,
    pub(crate) libraries: &'static [&'static str],
}

const fn owner(package: &'static str, libraries: &'static [&'static str]) -> Owner {
    Owner { package, libraries }
}

pub(crate) const OWNERS: &[Owner] = &[
    owner(
        "bygone-vault",
        &[
            "rustic_core",
            "rustic_backend",
            "aws-config",
            "aws-sdk-s3",
            "russh",
            "russh-sftp",
            "moka",
            "memmap2",
            "linux-keyutils",
        ],
    ),
    owner("bygone-fs", &["fuser", "winfsp_wrs"]),
    owner("bygone-indexer", &["tantivy"]),
    owner("bygone-store", &["sqlx"]),
    owner("bygone-portal", &["quick-xml", "image", "chardetng", "encoding_rs", "icu_collator", "icu_locale_core"]),
    // Neither is one crate's alone: an agent makes its own certificate requests, with rcgen; a server asks identity
    // providers, with reqwest.
    owner(
        "bygone-server",
        &[
            "openidconnect",
            "lettre",
            "argon2",
            "totp-rs",
            "age",
            "opentelemetry",
            "opentelemetry-http",
            "opentelemetry-otlp",
            "opentelemetry_sdk",
            "tracing-opentelemetry",
        ],
    ),
    owner("bygone", &["clap", "clap_complete", "clap_mangen", "indicatif"]),
];
