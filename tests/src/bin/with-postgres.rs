//! Runs a command with a PostgreSQL cluster that all tests share: `with-postgres cargo nextest run`.
#![cfg(unix)]

use std::process::{Command, ExitCode};

use bygone_tests::postgres::{Postgres, SHARED_PORT_VARIABLE};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(program) = arguments.next() else {
        eprintln!("usage: with-postgres COMMAND [ARGUMENT]...");
        return ExitCode::from(2);
    };
    let cluster = Postgres::start();
    let mut command = Command::new(&program);
    let ended = command.args(arguments).env(SHARED_PORT_VARIABLE, cluster.port().to_string()).status();
    match ended {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("start {}: {error}", program.display());
            ExitCode::FAILURE
        }
    }
}
