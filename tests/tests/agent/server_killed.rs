//! The real server, ended by `kill -9` in the middle of an agent's job.

use bygone_client::{ApiClient, Trust};
use bygone_common::job::JobState;
use bygone_common::{JobUid, OrgUid};
use serde_json::Value;

use crate::binary::Program;
use crate::stack::{Stack, eventually, run, snapshots, source, spec};

/// A job, as a server says that it is.
async fn job(api: &ApiClient, org: OrgUid, uid: JobUid) -> Value {
    api.get(&format!("/api/v1/orgs/{org}/jobs/{uid}")).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_on_when_its_server_was_killed_and_is_there_again() {
    let mut stack = Stack::start().await;
    let org = stack.org("acme").await;
    let repository = stack.repository(org, "acme", "main").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let path = source(stack.folder.path(), 6 << 20);
    let mut wanted = spec(&repository, &path);
    wanted.limits.upload_bytes_per_second = Some(512 << 10);
    let backup = stack.backup(org, &enrolled, wanted).await;
    stack.stop().await;

    let port = bygone_tests::ports::free();
    let api = ApiClient::new(&format!("http://127.0.0.1:{port}"), &Trust::Plain, Some(stack.root_token())).unwrap();
    let is_up = async || api.get::<Value>("/api/v1/me").await.is_ok();
    let server = Program::server(&stack, port);
    eventually("the server to answer", is_up).await;
    let agent = run(&folder);
    eventually("the backup to get on", async || {
        job(&api, org, backup).await["progress"]["bytes_done"].as_u64() > Some(0)
    })
    .await;
    server.kill();
    let server = Program::server(&stack, port);
    eventually("the server to be there again", is_up).await;

    eventually("the backup to end", async || job(&api, org, backup).await["ended_at"].is_string()).await;
    let ended = job(&api, org, backup).await;
    assert_eq!(ended["state"], JobState::Succeeded.to_string(), "{ended}");
    assert_eq!(snapshots(&repository).await.len(), 1, "what was done is done once");
    let audited: Value = api.get("/api/v1/audit/verdict").await.unwrap();
    assert_eq!(audited["state"], "intact", "the log has no gap: {audited}");
    agent.end().await;
    server.end();
}
