//! `bygone agent …` as people and systemd start it.

use std::path::Path;
use std::process::{Command, Output};

use bygone_common::job::JobState;
use bygone_tests::tools::tool;
use serde_json::Value;

use crate::binary::Program;
use crate::stack::{Stack, eventually, source, spec};

fn bygone(arguments: &[&str], state: &Path) -> Output {
    Command::new(Program::path()).args(arguments).arg("--state").arg(state).output().unwrap()
}

/// What `bygone agent status` says, and its exit code.
async fn status(state: &Path) -> (Value, Option<i32>) {
    let state = state.to_owned();
    let asked = tokio::task::spawn_blocking(move || bygone(&["--json", "agent", "status"], &state)).await.unwrap();
    let said = String::from_utf8(asked.stdout).unwrap();
    (serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}")), asked.status.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn status_tells_whether_it_runs_what_it_does_and_when_it_last_heard_of_the_server() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let repository = stack.repository(org, "acme", "main").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let (said, code) = status(folder.path()).await;
    assert_eq!((said["is_running"].as_bool(), code), (Some(false), Some(1)), "{said}");
    assert_eq!(said["agent"], enrolled.agent.to_string());
    let agent = Program::agent(folder.path());
    eventually("it to be heard of", async || !status(folder.path()).await.0["last_contact_at"].is_null()).await;
    let path = source(stack.folder.path(), 4 << 20);
    let mut wanted = spec(&repository, &path);
    wanted.limits.upload_bytes_per_second = Some(64 << 10);
    let job = stack.backup(org, &enrolled, wanted).await;
    stack.job_that(org, job, |job| job.state == JobState::Running).await;
    eventually("the job to be told of", async || status(folder.path()).await.0["running"][0]["job"] == job.to_string())
        .await;
    let (said, code) = status(folder.path()).await;
    assert_eq!((said["is_running"].as_bool(), code), (Some(true), Some(0)), "{said}");
    assert_eq!(said["pid"].as_u64(), Some(u64::from(agent.id())));
    assert!(said["clock_skew_ms"].as_i64().unwrap().abs() < 60_000, "{said}");
    stack.app().store.jobs().cancel(&stack.admin(org), org, job).await.unwrap();
    stack.ended(org, job).await;
    agent.end();
    let (said, code) = status(folder.path()).await;
    assert_eq!((said["is_running"].as_bool(), code), (Some(false), Some(1)), "{said}");
    assert_eq!(said["running"].as_array().unwrap().len(), 0);
}

#[test]
fn the_service_is_put_in_place_as_systemd_wants_it_and_taken_away_again() {
    let place = tempfile::tempdir().unwrap();
    let (root, state) = (place.path().join("image"), place.path().join("state of the agent"));
    std::fs::create_dir_all(&state).unwrap();
    let in_root = |verb: &str, more: &[&str]| {
        let all = [&["agent", verb, "--root", root.to_str().unwrap()], more].concat();
        let done = bygone(&all, &state);
        assert!(done.status.success(), "{verb}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    let unit = root.join("etc/systemd/system/bygone-agent.service");
    in_root("install", &["--dry-run"]);
    assert!(!unit.exists());
    in_root("install", &[]);
    let verify = || {
        // Units of the system's own, which a container may lack, are nothing to us: only what is wrong with this one is said.
        let arguments = ["verify", "--man=no", "--recursive-errors=no"];
        let verified = Command::new(tool("systemd-analyze")).args(arguments).arg(&unit).output().unwrap();
        let said = String::from_utf8_lossy(&verified.stderr).into_owned();
        assert!(verified.status.success() && !said.contains("bygone-agent.service"), "{said}");
    };
    verify();
    let printed = in_root("install", &["--print"]);
    assert_eq!(printed, std::fs::read_to_string(&unit).unwrap(), "what is printed is what is put in place");
    in_root("install", &["--no-restore"]);
    verify();
    assert_ne!(printed, std::fs::read_to_string(&unit).unwrap());
    in_root("uninstall", &[]);
    assert!(!unit.exists());
}
