//! The real program, ended by `kill -9` in the middle of a job.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use bygone_common::job::JobState;

use crate::stack::{Stack, snapshots, source, spec};

/// The program, which the tests of this package build beside themselves.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().unwrap().parent().unwrap().join("bygone");
    assert!(built.exists(), "{} is not built: cargo build -p bygone", built.display());
    built
}

fn agent(state: &std::path::Path) -> Child {
    let mut command = Command::new(program());
    command
        .args(["agent", "run", "--state"])
        .arg(state)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_was_killed_reports_it_and_does_the_job_again() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let repository = stack.repository(org, "acme", "main").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let path = source(stack.folder.path(), 4 << 20);
    let mut wanted = spec(&repository, &path);
    wanted.limits.upload_bytes_per_second = Some(256 << 10);
    let job = stack.backup(org, &enrolled, wanted).await;
    let mut first = agent(folder.path());
    stack.job_that(org, job, |job| job.progress.is_some_and(|progress| progress.bytes_done > 0)).await;
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(stack.job(org, job).await.state, JobState::Running, "nobody knows yet");
    let mut second = agent(folder.path());
    // It says so itself: nobody waits for the lease to run out.
    let again = stack.job_that(org, job, |job| job.state != JobState::Running || job.attempt > 1).await;
    assert!(again.state != JobState::Failed, "{again:?}");
    let ended = stack.ended(org, job).await;
    assert_eq!((ended.state, ended.attempt), (JobState::Succeeded, 2), "{ended:?}");
    // What was killed left its lock: restic knows that nobody holds it, and takes it away when it is asked to.
    let unlocking = bygone_tests::restic::Restic::new(repository.location.clone());
    tokio::task::spawn_blocking(move || unlocking.run(&["unlock"])).await.unwrap();
    assert_eq!(snapshots(&repository).await.len(), 1);
    rustix::process::kill_process(rustix::process::Pid::from_child(&second), rustix::process::Signal::TERM).unwrap();
    assert!(second.wait().unwrap().success(), "asked to end, it ends in order");
}
