//! Programs of a plan around a backup.

use std::collections::BTreeMap;
use std::path::Path;

use bygone_common::job::{FailureCode, JobState, Outcome};
use bygone_common::plan::OnHookFailure;

use crate::machine::Machine;
use crate::stack::{eventually, hook, snapshots};

/// A hook that keeps its environment in a file.
fn keeps_environment(moment: &str, file: &Path) -> bygone_common::plan::Hook {
    hook(moment, &format!("env > {}", file.display()))
}

fn ours(file: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(file).unwrap();
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    let ours = pairs.filter(|(name, _)| name.starts_with("BYGONE_"));
    ours.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_fails_keeps_a_backup_from_being_taken() {
    let machine = Machine::with_bytes(10).await;
    let trace = machine.stack.folder.path().join("trace");
    let write = |moment: &str| hook(moment, &format!("echo {moment} $BYGONE_OUTCOME >> {}", trace.display()));
    let mut wanted = machine.wanted();
    wanted.hooks =
        vec![hook("before", "echo the database is away; exit 4"), write("failure"), write("success"), write("after")];
    let ended = machine.back_up(wanted.clone()).await;
    let Some(Outcome::Failed(failure)) = ended.outcome else { panic!("{ended:?}") };
    assert_eq!(failure.code, FailureCode::HookFailed);
    assert!(failure.text.contains("exit code 4") && failure.text.contains("the database is away"), "{failure}");
    assert_eq!(std::fs::read_to_string(&trace).unwrap(), "failure failed\nafter failed\n");
    assert!(snapshots(&machine.repository).await.is_empty());
    // The same hook, when the plan says to go on.
    std::fs::remove_file(&trace).unwrap();
    wanted.hooks[0].on_failure = OnHookFailure::GoOn;
    let ended = machine.back_up(wanted).await;
    assert_eq!(ended.state, JobState::Partial, "{ended:?}");
    assert_eq!(std::fs::read_to_string(&trace).unwrap(), "success succeeded\nafter succeeded\n");
    machine.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_is_told_of_which_job_it_is_and_what_became_of_it() {
    let machine = Machine::with_bytes(10).await;
    let file = |name: &str| machine.stack.folder.path().join(name);
    let mut wanted = machine.wanted();
    wanted.hooks =
        ["before", "success", "failure", "after"].map(|moment| keeps_environment(moment, &file(moment))).to_vec();
    let ended = machine.back_up(wanted.clone()).await;
    let Some(Outcome::Succeeded(done)) = &ended.outcome else { panic!("{ended:?}") };
    let (job, snapshot) = (ended.uid.to_string(), done.snapshot.unwrap().to_string());
    for (moment, told) in [("before", None), ("success", Some("succeeded")), ("after", Some("succeeded"))] {
        let known = ours(&file(moment));
        let of = |name: &str| known.get(name).map(String::as_str);
        assert_eq!(of("BYGONE_JOB"), Some(job.as_str()), "{moment}: {known:?}");
        assert_eq!(of("BYGONE_PLAN"), Some(wanted.plan.to_string().as_str()), "{moment}");
        assert_eq!(of("BYGONE_SOURCE"), Some(wanted.source.to_string().as_str()), "{moment}");
        assert_eq!(of("BYGONE_OUTCOME"), told, "{moment}");
        assert_eq!(of("BYGONE_SNAPSHOT"), told.map(|_| snapshot.as_str()), "{moment}");
    }
    assert!(!file("failure").exists(), "nothing failed");
    // The same, where there is nothing to save.
    wanted.paths = vec![file("gone").to_str().unwrap().to_owned()];
    let ended = machine.back_up(wanted).await;
    assert_eq!(ended.state, JobState::Failed, "{ended:?}");
    for moment in ["failure", "after"] {
        let known = ours(&file(moment));
        assert_eq!(known["BYGONE_OUTCOME"], "failed", "{moment}: {known:?}");
        assert!(!known.contains_key("BYGONE_SNAPSHOT"), "{moment}");
    }
    machine.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_takes_too_long_is_ended_with_all_that_it_started_and_so_is_the_job() {
    let machine = Machine::with_bytes(10).await;
    let pid = machine.stack.folder.path().join("pid");
    let mut slow = hook("before", &format!("sleep 600 & echo $! > {}; echo waiting; wait", pid.display()));
    slow.timeout_seconds = 1;
    let mut wanted = machine.wanted();
    wanted.hooks = vec![slow];
    let ended = machine.back_up(wanted).await;
    let Some(Outcome::Failed(failure)) = &ended.outcome else { panic!("{ended:?}") };
    assert_eq!(failure.code, FailureCode::HookFailed);
    assert!(failure.text.contains("longer than 1 seconds") && failure.text.contains("waiting"), "{failure}");
    let process = format!("/proc/{}/stat", std::fs::read_to_string(&pid).unwrap().trim());
    // It may be a while until somebody takes note of its end.
    let is_alive = || std::fs::read_to_string(&process).is_ok_and(|stat| !stat.contains(") Z "));
    eventually("the end of what it started", async || !is_alive()).await;
    assert!(snapshots(&machine.repository).await.is_empty());
    machine.end().await;
}
