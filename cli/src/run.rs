//! From the command line to a verb, and from its outcome to an exit code.

use std::process::ExitCode;

use bygone_vault::Result;
use clap::{CommandFactory, Parser};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::args::{Cli, Verb};
use crate::console;
use crate::exit::{Outcome, exit_code};

pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are not errors; clap prints them to stdout and says so by its exit code.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    log_to_stderr(&cli);
    match run(cli) {
        Ok(outcome) => outcome.exit_code(),
        Err(error) => {
            console::problem(&error.chain());
            exit_code(&error)
        }
    }
}

fn run(cli: Cli) -> Result<Outcome> {
    let global = cli.global;
    if cli.version {
        return crate::version::run(&global);
    }
    let Some(verb) = cli.verb else {
        let _ = Cli::command().print_help();
        return Ok(Outcome::Usage);
    };
    match verb {
        #[cfg(feature = "mount")]
        Verb::Mount(mount) => mount.run(&global),
        #[cfg(feature = "mount")]
        Verb::Umount(umount) => umount.run(),
        Verb::Login(login) => login.run(&global),
        Verb::Logout(logout) => logout.run(&global),
        Verb::Snapshots(snapshots) => snapshots.run(&global),
        Verb::Ls(ls) => ls.run(&global),
        Verb::Cat(cat) => cat.run(&global),
        Verb::Tar(tar) => tar.run(&global),
        Verb::Find(find) => find.run(&global),
        Verb::Diff(diff) => diff.run(&global),
        Verb::History(history) => history.run(&global),
        Verb::Stats(stats) => stats.run(&global),
        Verb::Restore(restore) => restore.run(&global),
        Verb::Backup(backup) => backup.run(&global),
        Verb::Init(init) => init.run(&global),
        Verb::Key(key) => key.run(&global),
        Verb::Forget(forget) => forget.run(&global),
        Verb::Hold(hold) => hold.run(&global),
        Verb::Tag(tag) => tag.run(&global),
        Verb::Locks(locks) => locks.run(&global),
        Verb::Mirror(mirror) => mirror.run(&global),
        Verb::Prune(prune) => prune.run(&global),
        Verb::Copy(copy) => copy.run(&global),
        Verb::Worm(worm) => worm.run(&global),
        Verb::Check(check) => check.run(&global),
        Verb::Repair(repair) => repair.run(&global),
        Verb::Unlock(unlock) => unlock.run(&global),
        Verb::Lock(lock) => lock.run(&global),
        #[cfg(feature = "agent")]
        Verb::Agent(agent) => agent.run(&global),
        #[cfg(feature = "server")]
        Verb::Serve(serve) => serve.run(&global),
        #[cfg(feature = "server")]
        Verb::Audit(audit) => audit.run(&global),
        #[cfg(feature = "server")]
        Verb::Secrets(secrets) => secrets.run(&global),
        #[cfg(all(unix, feature = "demo"))]
        Verb::Demo(demo) => demo.run(),
        Verb::Completions(completions) => completions.run(),
        Verb::Man(man) => man.run(),
        Verb::Debug(debug) => debug.run(&global),
    }
}

/// BYGONE_LOG decides if it is set, else the number of `-v` and `-q`.
///
/// A verb that ends tells of everything wrong itself, so that the log would say it twice. A mount goes on, and its log is
/// the only one who tells.
///
/// A server's log is what its configuration says.
fn log_to_stderr(cli: &Cli) {
    #[cfg(feature = "agent")]
    if matches!(&cli.verb, Some(Verb::Agent(agent)) if agent.goes_on()) {
        return;
    }
    #[cfg(feature = "server")]
    if matches!(cli.verb, Some(Verb::Serve(_))) {
        return;
    }
    let quietest = if cli.verb.as_ref().is_some_and(Verb::goes_on) { LevelFilter::WARN } else { LevelFilter::ERROR };
    let level = match (cli.global.quiet, cli.global.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => quietest,
        (false, 1) => LevelFilter::INFO,
        (false, 2) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    };
    let filter = match std::env::var("BYGONE_LOG") {
        Ok(directives) if !directives.is_empty() => EnvFilter::new(directives),
        // The libraries below speak of their own affairs; a person who asks for more means ours.
        Ok(_) | Err(_) => EnvFilter::new(format!("{quietest},bygone={level},bygone_vault={level},bygone_fs={level}")),
    };
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
}
