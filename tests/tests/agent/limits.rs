//! How much of a machine and its network a backup takes.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use bygone_agent::Options;
use bygone_common::Clock;
use bygone_common::job::JobState;
use bygone_common::plan::{IoClass, Limits};
use bygone_tests::tools::tool;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::binary::Program;
use crate::stack::{Stack, quick, run_with, source, spec};

/// So many bytes a second from two to four at night, and as many as there can be at other times.
fn slow_at_night(bytes_per_second: u64) -> Limits {
    let night = json!({ "from": "02:00", "to": "04:00" });
    let rule = json!({ "during": night, "upload_bytes_per_second": bytes_per_second });
    serde_json::from_value(json!({ "bandwidth": [rule] })).unwrap()
}

/// A clock that stands at three at night, by the clock on this machine's wall.
fn at_night() -> Clock {
    let today = jiff::Timestamp::now().to_zoned(TimeZone::system()).date();
    let night = today.yesterday().unwrap().at(3, 0, 0, 0).to_zoned(TimeZone::system()).unwrap();
    Clock::manual(night.timestamp())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hour_says_how_fast_a_backup_goes_also_in_the_middle_of_it() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let repository = stack.repository(org, "acme", "main").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let clock = at_night();
    let agent = run_with(&folder, Options { clock: clock.clone(), ..quick() });
    let path = source(stack.folder.path(), 2 << 20);
    let mut wanted = spec(&repository, &path);
    wanted.limits = slow_at_night(512 << 10);
    let begun = Instant::now();
    let ended = stack.ended(org, stack.backup(org, &enrolled, wanted.clone()).await).await;
    assert_eq!(ended.state, JobState::Succeeded, "{ended:?}");
    assert!(begun.elapsed() > Duration::from_secs(3), "2 MiB at 512 KiB/s take four seconds: {:?}", begun.elapsed());
    // New bytes, which would take more than four minutes.
    std::fs::remove_dir_all(&path).unwrap();
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(path.join("other"), bygone_tests::noise::noise(9, 8 << 20)).unwrap();
    wanted.limits = slow_at_night(32 << 10);
    let job = stack.backup(org, &enrolled, wanted).await;
    stack.job_that(org, job, |job| job.progress.is_some_and(|progress| progress.bytes_done > 0)).await;
    clock.advance(SignedDuration::from_hours(2));
    let ended = stack.ended(org, job).await;
    assert_eq!(ended.state, JobState::Succeeded, "{ended:?}");
    agent.end().await;
}

/// The number by which the thread of a job goes behind others, and its class of reading, as the system tells them.
fn priority_of_job(pid: u32) -> Option<(i64, String)> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let place = tasks.map(|task| task.unwrap().path()).find(|task| is_job(task))?;
    let stat = std::fs::read_to_string(place.join("stat")).ok()?;
    // Source: proc(5): the 19th field; the second may hold spaces, and ends with the bracket.
    let nice = stat.rsplit_once(')')?.1.split_whitespace().nth(16)?.parse().ok()?;
    let thread = place.file_name()?.to_str()?.to_owned();
    let asked = Command::new(tool("ionice")).args(["-p", &thread]).output().ok()?;
    Some((nice, String::from_utf8(asked.stdout).ok()?.trim().to_owned()))
}

fn is_job(task: &Path) -> bool {
    std::fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim() == "job")
}

#[tokio::test(flavor = "multi_thread")]
async fn others_go_first_in_computing_and_reading_when_the_plan_says_so() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let repository = stack.repository(org, "acme", "main").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let path = source(stack.folder.path(), 4 << 20);
    let program = Program::agent(folder.path());
    let mut wanted = spec(&repository, &path);
    let upload_bytes_per_second = Some(128 << 10);
    wanted.limits =
        Limits { nice: Some(7), io_class: Some(IoClass::Idle), upload_bytes_per_second, ..Limits::default() };
    let job = stack.backup(org, &enrolled, wanted).await;
    stack.job_that(org, job, |job| job.progress.is_some_and(|progress| progress.bytes_done > 0)).await;
    assert_eq!(priority_of_job(program.id()), Some((7, "idle".to_owned())));
    stack.app().store.jobs().cancel(&stack.admin(org), org, job).await.unwrap();
    stack.ended(org, job).await;
    program.end();
}
