//! Running programs, and what they said.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// `bygone`, about to run.
pub(crate) struct Program {
    command: Command,
}

/// What a program said, and how it ended.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    called: String,
}

impl Program {
    /// `bygone` with nothing in the environment that a person's own settings could change, and a cache below `folder`.
    pub(crate) fn bygone(folder: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bygone"));
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("RESTIC_") || text.starts_with("BYGONE_") || text.starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command
            .env("HOME", folder)
            .env("XDG_CACHE_HOME", folder.join("cache"))
            .env("TZ", "UTC")
            .stdin(Stdio::null())
            .current_dir(folder);
        Self { command }
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub(crate) fn arguments<S: AsRef<OsStr>>(mut self, arguments: &[S]) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// For what needs pipes or signals.
    pub(crate) fn command(self) -> Command {
        self.command
    }

    pub(crate) fn run(mut self) -> Ran {
        let output = self.command.output().unwrap();
        Ran {
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).unwrap(),
            called: format!("{:?}", self.command.get_args().collect::<Vec<_>>()),
        }
    }

    /// Runs it; it must succeed and say nothing on stderr.
    pub(crate) fn bytes(self) -> Vec<u8> {
        let ran = self.run();
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{}", ran.called);
        ran.stdout
    }

    /// The same, as text.
    pub(crate) fn text(self) -> String {
        String::from_utf8(self.bytes()).unwrap()
    }

    /// The same, as lines.
    pub(crate) fn lines(self) -> Vec<String> {
        self.text().lines().map(str::to_owned).collect()
    }

    /// The same, as one JSON value.
    pub(crate) fn json(self) -> Value {
        serde_json::from_slice(&self.bytes()).unwrap()
    }

    /// The same, as one JSON value a line.
    pub(crate) fn json_lines(self) -> Vec<Value> {
        self.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Runs it; it must fail with this code, print no result, and say exactly one line.
    pub(crate) fn fails(self, code: i32) -> String {
        let ran = self.run();
        assert_eq!(ran.code, Some(code), "{}: {}", ran.called, ran.stderr);
        assert_eq!(String::from_utf8_lossy(&ran.stdout), "", "{}", ran.called);
        let lines: Vec<&str> = ran.stderr.lines().collect();
        assert_eq!(lines.len(), 1, "{}: {}", ran.called, ran.stderr);
        lines[0].to_owned()
    }

    /// Runs it; it must finish with exit code 3 for what it says on stderr.
    pub(crate) fn partly(self) -> Ran {
        let ran = self.run();
        assert_eq!(ran.code, Some(3), "{}: {}", ran.called, ran.stderr);
        assert!(!ran.stderr.is_empty(), "{}", ran.called);
        ran
    }
}
