//! What only a person at a terminal sees: the prompt and the bars.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::process::{Child, Stdio};

use bygone_tests::process::wait_until;
use bygone_tests::restic::PASSWORD;

use crate::fixture::Fixture;

/// A program on a terminal of its own, made by `script`.
struct OnTerminal {
    child: Child,
    /// What the terminal shows.
    shown: std::thread::JoinHandle<String>,
    /// Holds the terminal's name.
    device: std::path::PathBuf,
}

impl OnTerminal {
    fn start(fixture: &Fixture, arguments: &str, with_password: bool) -> Self {
        let device = fixture.own.path().join("device");
        let inside = format!("tty > {}; exec {} {arguments}", device.display(), env!("CARGO_BIN_EXE_bygone"));
        let program = fixture.bygone(&[]);
        let program = if with_password { program } else { program.without("RESTIC_PASSWORD") };
        // The same environment, another program.
        let ours = program.command();
        let mut command = std::process::Command::new("script");
        for (name, value) in ours.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.args(["--quiet", "--return", "--command", &inside, "/dev/null"]).current_dir(fixture.own.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = child.stdout.take().unwrap();
        let shown = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            output.read_to_end(&mut bytes).unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        });
        Self { child, shown, device }
    }

    /// The terminal, while the program runs.
    fn terminal(&self) -> File {
        let named = || fs::read_to_string(&self.device).is_ok_and(|name| name.ends_with('\n'));
        wait_until("the terminal's name", named);
        File::open(fs::read_to_string(&self.device).unwrap().trim()).unwrap()
    }

    fn end(mut self) -> (Option<i32>, String) {
        let code = self.child.wait().unwrap().code();
        (code, self.shown.join().unwrap())
    }
}

#[test]
fn the_password_is_asked_for_without_an_echo() {
    let fixture = Fixture::shared();
    let mut asked = OnTerminal::start(&fixture, "ls latest:/docs", false);
    let terminal = asked.terminal();
    wait_until("the terminal not to echo", || {
        let settings = rustix::termios::tcgetattr(&terminal).unwrap();
        !settings.local_modes.contains(rustix::termios::LocalModes::ECHO)
    });
    let mut input = asked.child.stdin.take().unwrap();
    drop(terminal);
    writeln!(input, "{PASSWORD}").unwrap();
    let (code, shown) = asked.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains(&format!("password of {}: ", fixture.repository.display())), "{shown}");
    assert!(shown.contains("report.txt") && !shown.contains(PASSWORD), "{shown}");
}

#[test]
fn a_terminal_shows_bars_and_a_pipe_none() {
    let fixture = Fixture::shared();
    let (code, shown) = OnTerminal::start(&fixture, "tar latest -f all.tar", true).end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("writing") && shown.contains('\u{1b}'), "{shown:?}");
    let (code, shown) = OnTerminal::start(&fixture, "tar latest -q -f all.tar", true).end();
    assert_eq!((code, shown.as_str()), (Some(0), ""));
    // In a pipe: `bytes` asserts that nothing at all is said.
    fixture.bygone(&["tar", "latest", "-f", "all.tar"]).bytes();
}

#[test]
fn an_archive_is_not_written_to_a_terminal() {
    let fixture = Fixture::shared();
    let (code, shown) = OnTerminal::start(&fixture, "tar latest", true).end();
    assert_eq!(code, Some(2));
    assert!(shown.starts_with("bygone: an archive on a terminal helps nobody"), "{shown}");
}
