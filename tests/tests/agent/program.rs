//! `bygone agent …` as people and systemd start it.

use std::path::Path;
use std::process::{Command, Output};

use bygone_common::job::JobState;
use bygone_store::Role;
use bygone_tests::tools::tool;
use serde_json::{Value, json};

use crate::binary::Program;
use crate::stack::{Stack, eventually, hook, source, spec};

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

#[tokio::test(flavor = "multi_thread")]
async fn a_request_its_jobs_and_what_the_agent_logs_of_them_have_one_name() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let repository = stack.repository(org, "acme", "main").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let path = source(stack.folder.path(), 1_000);
    let admin = stack.person(Some(org), Role::Admin).await;
    let make = async |below: &str, body: Value| -> String {
        let made: Value = admin.api.post(&format!("/api/v1/orgs/{org}/{below}"), &body).await.unwrap().unwrap();
        made["uid"].as_str().unwrap().to_owned()
    };
    let home = make("sources", json!({ "agent": enrolled.agent, "name": "home", "paths": [path] })).await;
    let hooks = [hook("before", "echo said by the hook")];
    let spec = json!({ "sources": [home], "repositories": [repository.uid], "hooks": hooks });
    let plan = make("plans", json!({ "name": "by hand", "spec": spec })).await;
    let agent = Program::agent(folder.path());
    let name = "018f2f0e-0000-7000-8000-0000000000aa";
    let ran = reqwest::Client::new()
        .post(format!("{}/api/v1/orgs/{org}/plans/{plan}/run", stack.url()))
        .bearer_auth(admin.token.expose())
        .header("x-request-id", name)
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    assert_eq!((ran.status().as_u16(), ran.headers()["x-request-id"].to_str().unwrap()), (201, name));
    let of_plan = format!("/api/v1/orgs/{org}/jobs?plan={plan}&kind=backup");
    let job = async || admin.api.get::<Value>(&of_plan).await.unwrap()["items"][0].clone();
    eventually("the backup to end", async || job().await["ended_at"].is_string()).await;
    let job = job().await;
    assert_eq!((job["state"].as_str(), job["correlation"].as_str()), (Some("succeeded"), Some(name)), "{job}");
    agent.end();
    let mut logged = String::new();
    for file in std::fs::read_dir(folder.join("log")).unwrap() {
        logged += &std::fs::read_to_string(file.unwrap().path()).unwrap();
    }
    let of_job = format!("job{{uid={} correlation={name}}}", job["uid"].as_str().unwrap());
    let lines: Vec<&str> = logged.lines().filter(|line| line.contains(&of_job)).collect();
    let has = |text: &str| lines.iter().any(|line| line.contains(text));
    assert!(has("a job begins") && has("said by the hook") && has("a job ended"), "{logged}");
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
