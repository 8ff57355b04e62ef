//! All automation of the project: `cargo xtask setup | run | test | web | peers | ci | tidy | bench | windows
//! | darwin`.
//!
//! It uses none of our crates: it drives the `bygone` binary as a person would. Read `setup` first (what must be on the
//! machine), then `demo` (the one-command tour), `tests`, `ci` and `tidy`.

mod bench;
mod ci;
mod compare;
mod cross;
mod darwin;
mod demo;
mod folders;
mod generate;
mod mount;
mod process;
mod setup;
mod signals;
mod tests;
mod tidy;
mod web;
mod windows;

use anyhow::Result;
use clap::{Parser, Subcommand};
use setup::Purpose;
use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own automation", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Check for the programs that a purpose needs, and install what is missing (Debian, as root)
    Setup {
        /// What the programs are for
        #[arg(long = "for", value_enum, default_value_t = Purpose::Ci)]
        purpose: Purpose,
    },
    /// Set up, build, and show the main job on a small real repository, mounted until Ctrl-C
    Run {
        /// Show the same, prove it, and exit
        #[arg(long)]
        once: bool,
    },
    /// Set up, then run every test (arguments go to `cargo nextest run`)
    Test {
        /// Arguments of `cargo nextest run`, for example a filter
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Set up, and build the application for browsers, which the feature `web` puts into the binary
    Web,
    /// Set up, then run the tests with programs that take long to build: stock rustic through the gateway
    Peers,
    /// Everything a change must pass: format, lints, tidy, licenses, tests
    Ci,
    /// Measure Bygone and its peers in turn on the same data
    Bench {
        /// Which bench
        #[arg(value_enum)]
        bench: bench::Bench,
        #[command(flatten)]
        options: bench::Options,
    },
    /// Link the Windows build, and run everything but the drive under wine
    Windows,
    /// Type-check the macOS build
    Darwin,
    /// Prove the arrows between crates, the owners of libraries, and the rules of text
    Tidy,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse_from(words(env::args_os()));
    match perform(arguments.verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What was typed, without the `--` of `cargo xtask run -- --once`: habit puts one there, and it separates nothing here.
fn words(typed: impl Iterator<Item = OsString>) -> Vec<OsString> {
    typed.enumerate().filter(|(position, word)| *position != 2 || word != "--").map(|(_, word)| word).collect()
}

fn perform(verb: Verb) -> Result<()> {
    match verb {
        Verb::Setup { purpose } => setup::run(purpose).map(|tools| println!("ready: {}", tools.root().display())),
        Verb::Run { once } => demo::run(once),
        Verb::Test { arguments } => tests::run(&arguments),
        Verb::Web => web::build(&setup::run(Purpose::Demo)?),
        Verb::Peers => tests::peers(),
        Verb::Ci => ci::run(),
        Verb::Bench { bench, options } => bench::run(bench, options),
        Verb::Windows => windows::run(),
        Verb::Darwin => darwin::run(),
        Verb::Tidy => tidy::run(),
    }
}
