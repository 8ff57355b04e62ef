//! The configuration: one TOML file, each of whose keys an environment variable overrides (`BYGONE_SERVER__LISTEN` is
//! `listen` of `[server]`). All faults are found and told at once.
//!
//! Every key has a default but those that cannot have one.

mod check;
mod limits;
mod reader;
mod storage;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reader::Reader;
use tracing_subscriber::EnvFilter;

pub use limits::LimitsConfig;
pub use reader::Fault;
pub use storage::StorageConfig;

/// What begins the names of variables that override keys.
pub const VARIABLE_PREFIX: &str = "BYGONE_";

/// All faults of a configuration.
#[derive(Debug)]
pub struct ConfigError {
    /// One for each thing that is wrong, in the order of the file.
    pub faults: Vec<Fault>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.faults.len();
        write!(f, "the configuration has {count} fault{}", if count == 1 { "" } else { "s" })?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for ConfigError {}

/// Everything that can be set.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the server keeps its own files: the database by default, keys, the blob maps of repositories.
    pub data: PathBuf,
    /// Addresses, and who is believed about them.
    pub server: ServerConfig,
    /// Encryption of connections.
    pub tls: TlsConfig,
    /// The database's URL.
    pub database: String,
    /// Where the installation key comes from.
    pub secrets: SecretsConfig,
    /// What is logged, and how.
    pub log: LogConfig,
    /// Where traces are told to, by OTLP over HTTP; none: nowhere.
    pub collector: Option<String>,
    /// How much of everything.
    pub limits: LimitsConfig,
    /// Where repositories may lie.
    pub storage: StorageConfig,
}

/// Addresses, and who is believed about them.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Where browsers, programs and restic connect to.
    pub listen: SocketAddr,
    /// Where agents connect to, with their certificates.
    pub agent_listen: SocketAddr,
    /// How the world calls this server: the base of links, redirects and cookies. None: by where it listens.
    pub public_url: Option<String>,
    /// Where agents find it, if not at `agent_listen`.
    pub agent_url: Option<String>,
    /// Where other replicas find it, if not at `listen`.
    pub replica_url: Option<String>,
    /// Proxies whose `Forwarded` and `X-Forwarded-For` headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// Whether those proxies say the PROXY protocol first (version 1 or 2).
    pub proxy_protocol: bool,
    /// How long requests and jobs may go on once the server is to stop.
    pub drain: Duration,
}

/// Encryption of connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsConfig {
    /// None: on loopback only, or behind a trusted proxy on the same machine.
    Off,
    /// A certificate that somebody else made.
    Files {
        /// The chain, PEM.
        certificate: PathBuf,
        /// Its key, PEM.
        key: PathBuf,
    },
    /// A certificate of the server's own authority, for these names.
    Own {
        /// Host names and addresses.
        names: Vec<String>,
    },
}

/// Where the installation key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretsConfig {
    /// A file, which is made when it is not there.
    File(PathBuf),
    /// 64 hexadecimal digits, from the environment.
    Given(bygone_common::Secret<String>),
    /// What a command prints.
    Command(String),
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// For people, or for programs.
    pub format: LogFormat,
    /// As `RUST_LOG` says it.
    pub filter: String,
}

/// The form of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// JSON objects, one a line.
    Json,
}

/// Addresses with a common beginning: `10.0.0.0/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `ADDRESS` or `ADDRESS/BITS`.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(all), |bits| bits.parse().ok())?;
        (bits <= all).then_some(Self { address, bits })
    }

    /// Whether an address is in it.
    pub fn holds(&self, address: IpAddr) -> bool {
        let wide = |address: IpAddr| match address {
            IpAddr::V4(four) => four.to_ipv6_mapped().to_bits(),
            IpAddr::V6(six) => six.to_bits(),
        };
        let bits = u32::from(self.bits) + if self.address.is_ipv4() { 96 } else { 0 };
        let apart = wide(self.address) ^ wide(address);
        apart.checked_shr(128 - bits).unwrap_or_default() == 0
    }
}

impl Config {
    /// Reads a file (nothing but defaults without one) and the variables that override it.
    ///
    /// # Errors
    /// Every fault at once: keys that are unknown, values that cannot be, files that cannot be read.
    pub fn load(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let (text, ours) = reader::given(file, variables)?;
        Self::parse(&text, &ours)
    }

    /// Reads the text of a file and variables without their prefix.
    ///
    /// # Errors
    /// As for [`load`](Self::load).
    pub fn parse(text: &str, variables: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let (config, faults) = Self::read(text, variables)?;
        if faults.is_empty() { Ok(config) } else { Err(ConfigError { faults }) }
    }

    /// The same, with all that is wrong beside it: what cannot be is as if it had not been said.
    fn read(text: &str, variables: &BTreeMap<String, String>) -> Result<(Self, Vec<Fault>), ConfigError> {
        let mut reader = Reader::new(text, variables)?;
        let data = reader.path("server", "data").unwrap_or_else(|| PathBuf::from("/var/lib/bygone"));
        let server = ServerConfig {
            listen: reader.parsed("server", "listen", "an address and port").unwrap_or(([127, 0, 0, 1], 8321).into()),
            agent_listen: reader
                .parsed("server", "agent_listen", "an address and port")
                .unwrap_or(([127, 0, 0, 1], 8322).into()),
            public_url: reader.url("server", "public_url"),
            agent_url: reader.url("server", "agent_url"),
            replica_url: reader.url("server", "replica_url"),
            trusted_proxies: reader.list("server", "trusted_proxies", "an address or network", Network::parse),
            proxy_protocol: reader.flag("server", "proxy_protocol").unwrap_or_default(),
            drain: Duration::from_secs(reader.number("server", "drain_seconds", 0..=3_600).unwrap_or(30)),
        };
        let tls = tls(&mut reader);
        if tls == TlsConfig::Off && !server.listen.ip().is_loopback() {
            reader.fault(
                "server.listen",
                "without [tls], only an address of loopback (127.0.0.1, ::1) may be listened on",
            );
        }
        if server.proxy_protocol && server.trusted_proxies.is_empty() {
            reader.fault("server.proxy_protocol", "needs server.trusted_proxies, whose word is taken");
        }
        let database =
            reader.text("database", "url").unwrap_or_else(|| format!("sqlite://{}", data.join("bygone.db").display()));
        if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| database.starts_with(scheme)) {
            reader.fault("database.url", "must begin with sqlite: or postgres:");
        }
        let secrets = secrets(&mut reader, &data);
        let log = LogConfig {
            format: reader
                .choice("log", "format", &[("text", LogFormat::Text), ("json", LogFormat::Json)])
                .unwrap_or(LogFormat::Text),
            filter: reader.text("log", "filter").unwrap_or_else(|| "info".to_owned()),
        };
        if let Err(fault) = EnvFilter::try_new(&log.filter) {
            reader.fault("log.filter", fault.to_string());
        }
        let collector = reader.url("telemetry", "otlp");
        let limits = limits::read(&mut reader);
        let storage = storage::read(&mut reader);
        let config = Self { data, server, tls, database, secrets, log, collector, limits, storage };
        Ok((config, reader.finish()))
    }
}

fn tls(reader: &mut Reader) -> TlsConfig {
    #[derive(Clone, Copy)]
    enum Mode {
        Off,
        Files,
        Own,
    }
    let modes = [("off", Mode::Off), ("files", Mode::Files), ("own", Mode::Own)];
    let mode = reader.choice("tls", "mode", &modes).unwrap_or(Mode::Off);
    let certificate = reader.path("tls", "certificate");
    let key = reader.path("tls", "key");
    let names = reader.list("tls", "names", "a host name or address", |name| Some(name.to_owned()));
    match (mode, certificate, key) {
        (Mode::Off, None, None) => TlsConfig::Off,
        (Mode::Off | Mode::Own, Some(_), _) | (Mode::Off | Mode::Own, _, Some(_)) => {
            reader.fault("tls.mode", "must be \"files\" for tls.certificate and tls.key to count");
            TlsConfig::Off
        }
        (Mode::Own, None, None) => TlsConfig::Own { names },
        (Mode::Files, Some(certificate), Some(key)) => TlsConfig::Files { certificate, key },
        (Mode::Files, _, _) => {
            reader.fault("tls.mode", "\"files\" needs tls.certificate and tls.key");
            TlsConfig::Off
        }
    }
}

fn secrets(reader: &mut Reader, data: &Path) -> SecretsConfig {
    let file = reader.path("secrets", "key_file");
    let command = reader.text("secrets", "key_command");
    let given = reader.variable_only("secrets", "key");
    match (given, command, file) {
        (Some(key), None, None) => SecretsConfig::Given(bygone_common::Secret::new(key)),
        (None, Some(command), None) => SecretsConfig::Command(command),
        (None, None, file) => SecretsConfig::File(file.unwrap_or_else(|| data.join("installation.key"))),
        (_, _, _) => {
            reader.fault(
                "secrets",
                "only one of key_file, key_command and the variable BYGONE_SECRETS__KEY may be given",
            );
            SecretsConfig::File(data.join("installation.key"))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Config::parse(text, &variables).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_has_to_be_said() {
        let config = parse("", &[]).unwrap();
        assert_eq!(config.database, "sqlite:///var/lib/bygone/bygone.db");
        assert_eq!(config.tls, TlsConfig::Off);
        assert_eq!(config.secrets, SecretsConfig::File("/var/lib/bygone/installation.key".into()));
        let queue = config.limits.queue();
        assert_eq!(
            (queue.installation_max, queue.org_max, queue.repository_max, queue.agent_max),
            (10_000, None, 256, 2)
        );
    }

    #[test]
    fn a_variable_overrides_the_file() {
        let config = parse("[server]\nlisten = '127.0.0.1:1'", &[("SERVER__LISTEN", "127.0.0.1:2")]).unwrap();
        assert_eq!(config.server.listen.port(), 2);
        let config = parse("", &[("SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1"), ("SERVER__PROXY_PROTOCOL", "true")]);
        assert_eq!(config.unwrap().server.trusted_proxies.len(), 2);
        let config = parse("[limits]\norg_jobs = 7\nagent_jobs = 1", &[("LIMITS__ORG_JOBS", "8")]).unwrap();
        assert_eq!((config.limits.queue().org_max, config.limits.queue().agent_max), (Some(8), 1));
    }

    #[test]
    fn traces_go_where_the_variable_of_all_programs_says_unless_ours_says_otherwise() {
        let load = |variables: &[(&str, &str)]| {
            let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Config::load(None, variables).map(|config| config.collector).map_err(|error| error.to_string())
        };
        let everybodys = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/");
        assert_eq!(load(&[]), Ok(None));
        assert_eq!(load(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "")]), Ok(None));
        assert_eq!(load(&[everybodys]), Ok(Some("http://collector:4318".to_owned())));
        let ours = ("BYGONE_TELEMETRY__OTLP", "https://other");
        assert_eq!(load(&[ours, everybodys]), Ok(Some("https://other".to_owned())));
        assert!(load(&[("BYGONE_TELEMETRY__OTLP", "collector")]).unwrap_err().contains("telemetry.otlp"));
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let text = "
            [server]
            listen = '0.0.0.0:80'
            agent_listen = 'nowhere'
            drain_seconds = -1
            trusted_proxies = ['10.0.0.0/40']
            [tls]
            key = 'x'
            [database]
            url = 'mysql://x'
            [log]
            format = 'xml'
            [typo]
            a = 1
        ";
        let faults = parse(text, &[("LIMITS__JOBS", "many")]).unwrap_err();
        let expected = "the configuration has 9 faults
  server.agent_listen: \"nowhere\" is not an address and port
  server.trusted_proxies: \"10.0.0.0/40\" is not an address or network
  server.drain_seconds: must be a number from 0 to 3600
  tls.mode: must be \"files\" for tls.certificate and tls.key to count
  server.listen: without [tls], only an address of loopback (127.0.0.1, ::1) may be listened on
  database.url: must begin with sqlite: or postgres:
  log.format: must be \"text\" or \"json\"
  BYGONE_LIMITS__JOBS: must be a number from 1 to 256
  typo.a: is not a key of the configuration";
        assert_eq!(faults, expected);
    }

    #[test]
    fn a_file_that_is_no_toml_says_where() {
        let fault = parse("[server\n", &[]).unwrap_err();
        assert!(fault.contains("line 1"), "{fault}");
    }

    #[test]
    fn networks_hold_their_addresses() {
        let check = |network: &str, address: &str, expected: bool| {
            let holds = Network::parse(network).unwrap().holds(address.parse().unwrap());
            assert_eq!(holds, expected, "{network} {address}");
        };
        check("10.0.0.0/8", "10.255.0.1", true);
        check("10.0.0.0/8", "11.0.0.1", false);
        check("::1", "::1", true);
        check("fd00::/8", "10.0.0.1", false);
        check("0.0.0.0/0", "1.2.3.4", true);
        check("::/0", "1.2.3.4", true);
        assert_eq!(Network::parse("10.0.0.0/33"), None);
    }
}
