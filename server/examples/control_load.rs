//! Agents by the thousand on one server: heart-beating, claiming, doing nothing and telling of it. `cargo xtask bench control`
//! runs it over SQLite and over PostgreSQL.
//!
//! `control_load sqlite|postgres AGENTS SECONDS MINUTES`; prints one line of JSON. The agents ask the server's own router with real
//! certificates of its own authority; TLS and sockets are left out. The plans run every so many minutes, each for ten agents,
//! spread by their jitter; every agent waits in a claim whenever it does nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[cfg(unix)]
use std::time::Duration;

#[cfg(unix)]
fn main() {
    let words: Vec<String> = std::env::args().collect();
    let [_, database, agents, seconds, minutes] = words.as_slice() else {
        panic!("control_load sqlite|postgres AGENTS SECONDS MINUTES")
    };
    let load = load::Load {
        postgres: database == "postgres",
        agents: agents.parse().unwrap(),
        time: Duration::from_secs(seconds.parse().unwrap()),
        minutes: minutes.parse().unwrap(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let told = runtime.block_on(load::run(&load));
    println!("{told}");
}

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
mod load {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, Instant};

    use bygone_common::job::{JobKind, JobState};
    use bygone_common::{AgentUid, Clock, OrgUid, RepositoryUid, Secret, UserUid};
    use bygone_server::agent_api::simulated::{Certificate, Simulated};
    use bygone_server::app::App;
    use bygone_server::ca::AgentName;
    use bygone_server::repositories::{Begin, Wanted, add};
    use bygone_server::{Config, Roles, Server};
    use bygone_store::jobs::JobFilter;
    use bygone_store::orgs::{NewOrg, Quota};
    use bygone_store::plans::NewPlan;
    use bygone_store::repositories::{AgentRoute, StorageClass};
    use bygone_store::sources::{NewSource, Visibility};
    use bygone_store::{Actor, Page, Role, Who};
    use bygone_tests::postgres::Postgres;
    use jiff::Timestamp;
    use serde_json::{Value, json};

    /// Agents of one plan.
    const PLAN_AGENTS: usize = 10;
    /// Plans of one organization.
    const ORG_PLANS: usize = 200;
    /// How often an agent says that it is there.
    const HEARTBEAT: Duration = Duration::from_secs(30);
    /// How long a claim waits.
    const CLAIM_SECONDS: u32 = 25;
    /// How long an agent works at a job.
    const WORK: Duration = Duration::from_millis(500);

    /// What every machine says of itself.
    const FACTS: &str =
        r#"{"agent_version":"0.1.0","os":"linux","arch":"x86_64","hostname":"load","owner":{"name":"root"}}"#;

    #[derive(Default)]
    struct Seen {
        /// Milliseconds from when a job could be taken until its agent had it.
        claims: Mutex<Vec<f64>>,
        /// Milliseconds that a heartbeat took.
        heartbeats: Mutex<Vec<f64>>,
        jobs: Mutex<BTreeMap<String, u32>>,
        refused: AtomicU64,
        stops: AtomicBool,
    }

    /// What the server has to bear.
    pub(super) struct Load {
        pub(super) postgres: bool,
        pub(super) agents: usize,
        /// For how long it is measured.
        pub(super) time: Duration,
        /// Between the runs of a plan.
        pub(super) minutes: u32,
    }

    pub(super) async fn run(load: &Load) -> Value {
        let folder = tempfile::tempdir().unwrap();
        let cluster = load.postgres.then(Postgres::start);
        let mut variables = BTreeMap::from([
            ("SERVER__DATA".to_owned(), folder.path().join("data").to_str().unwrap().to_owned()),
            ("SERVER__LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("SERVER__AGENT_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ]);
        if let Some(cluster) = &cluster {
            variables.insert("DATABASE__URL".to_owned(), cluster.database());
        }
        let config = Config::parse("", &variables).unwrap();
        let server = Server::start(config, Clock::real(Timestamp::now), Roles::ALL).await.unwrap();
        let app = server.app().clone();
        let begun = Instant::now();
        let (fleet, orgs) = enrol(&app, load).await;
        let agents = load.agents;
        eprintln!("{agents} agents enrolled in {:.1} s", begun.elapsed().as_secs_f64());
        let seen = Arc::new(Seen::default());
        let simulated = Simulated::of(&app);
        let mut tasks = tokio::task::JoinSet::new();
        for (at, certificate) in fleet.into_iter().enumerate() {
            // They come within one heartbeat, as after a restart of the server.
            let delay = HEARTBEAT.mul_f64(at as f64 / agents as f64);
            tasks.spawn(live(simulated.clone(), certificate.clone(), seen.clone(), delay));
            tasks.spawn(beat(simulated.clone(), certificate, seen.clone(), delay));
        }
        tokio::time::sleep(HEARTBEAT).await;
        let began = app.clock.now();
        let mut lags = Vec::new();
        let end = Instant::now() + load.time;
        while Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(500)).await;
            lags.push(app.store.plans().lag().await.unwrap().as_secs_f64());
        }
        seen.stops.store(true, Ordering::SeqCst);
        let told = tell(&app, &orgs, &seen, &mut lags, began).await;
        tasks.shutdown().await;
        server.stop().await;
        told
    }

    /// Makes organizations with a repository each, agents with certificates, and plans.
    async fn enrol(app: &App, load: &Load) -> (Vec<Certificate>, Vec<(OrgUid, Actor)>) {
        let root = Actor::new(Who::User(app.store.uid(UserUid::new)), None, Role::Root);
        let (mut fleet, mut orgs) = (Vec::new(), Vec::new());
        let mut left = load.agents;
        for number in 0.. {
            if left == 0 {
                break;
            }
            let new = NewOrg { name: format!("org{number}"), title: "load".to_owned(), quota: Quota::default() };
            let org = app.store.orgs().create(&root, &new).await.unwrap().uid;
            let admin = Actor::new(Who::User(app.store.uid(UserUid::new)), Some(org), Role::Admin);
            let wanted = Wanted {
                name: "main".to_owned(),
                begin: Begin::Create,
                location: None,
                credential: None,
                password: Secret::new("secret".to_owned()),
                format: 2,
                class: StorageClass::Hot,
                agent_route: AgentRoute::Gateway,
                bytes_max: None,
            };
            let repository = add(app, &admin, org, wanted).await.unwrap().uid;
            for plan in 0..ORG_PLANS {
                let count = left.min(PLAN_AGENTS);
                if count == 0 {
                    break;
                }
                left -= count;
                let agents = make_agents(app, org, count, &mut fleet).await;
                make_plan(app, &admin, org, repository, plan, agents, load.minutes).await;
            }
            orgs.push((org, admin));
        }
        (fleet, orgs)
    }

    async fn make_agents(app: &App, org: OrgUid, count: usize, fleet: &mut Vec<Certificate>) -> Vec<AgentUid> {
        let now = app.clock.now();
        let agents: Vec<AgentUid> = (0..count).map(|_| app.store.uid(AgentUid::new)).collect();
        let mut rows = (Vec::new(), Vec::new());
        for agent in &agents {
            let key = rcgen::KeyPair::generate().unwrap();
            let csr = rcgen::CertificateParams::default().serialize_request(&key).unwrap().pem().unwrap();
            let issued = app.ca.issue_agent(&csr, AgentName { org, agent: *agent }).unwrap();
            rows.0.push(format!("('{agent}', '{org}', '{agent}', 'active', '{FACTS}', 0, 1)"));
            rows.1.push(format!(
                "('{}', '{org}', '{agent}', '{agent}', 0, {}, 0)",
                issued.kept.fingerprint,
                now.as_microsecond() + 86_400_000_000
            ));
            fleet.push(Certificate::of_pem(&issued.pem));
        }
        let mut tx = app.store.begin().await.unwrap();
        let statements = [
            format!(
                "insert into agents (uid, org_id, name, state, facts, created_at, version) values {}",
                rows.0.join(", ")
            ),
            format!(
                "insert into certificates (fingerprint, org_id, agent_id, serial, not_before, expires_at, created_at) values {}",
                rows.1.join(", ")
            ),
        ];
        for statement in statements {
            tx.execute_for_tests(Box::leak(statement.into_boxed_str())).await.unwrap();
        }
        tx.commit().await.unwrap();
        agents
    }

    async fn make_plan(
        app: &App,
        admin: &Actor,
        org: OrgUid,
        repository: RepositoryUid,
        number: usize,
        agents: Vec<AgentUid>,
        minutes: u32,
    ) {
        let mut sources = Vec::new();
        for agent in agents {
            let new = NewSource {
                agent,
                owner: None,
                name: agent.to_string(),
                host: None,
                paths: vec!["/".to_owned()],
                visibility: Visibility::Granted,
                restore_approval: false,
            };
            sources.push(app.store.sources().create(admin, org, &new).await.unwrap().uid);
        }
        // A part of the plans each minute.
        let first = u32::try_from(number).unwrap() % minutes;
        let spec = json!({
            "sources": sources,
            "repositories": [repository],
            "schedule": { "rules": [{ "cron": format!("{first}-59/{minutes} * * * *") }], "jitter_seconds": 55 },
        });
        let spec = serde_json::from_value(spec).unwrap();
        let new = NewPlan { name: format!("plan {number}"), enabled: true, spec };
        app.store.plans().create(admin, org, new).await.unwrap();
    }

    async fn beat(simulated: Simulated, certificate: Certificate, seen: Arc<Seen>, delay: Duration) {
        tokio::time::sleep(delay).await;
        let facts: Value = serde_json::from_str(FACTS).unwrap();
        while !seen.stops.load(Ordering::SeqCst) {
            let body = json!({ "version": 1, "now": Timestamp::now(), "facts": facts });
            let begun = Instant::now();
            let (status, answer) = simulated.post(&certificate, "/agent/v1/heartbeat", &body).await;
            let took = begun.elapsed();
            if status.is_success() {
                seen.heartbeats.lock().unwrap().push(took.as_secs_f64() * 1_000.0);
            } else {
                refused(&seen, "heartbeat", &answer);
            }
            tokio::time::sleep(HEARTBEAT.saturating_sub(took)).await;
        }
    }

    fn refused(seen: &Seen, what: &str, answer: &Value) {
        if seen.refused.fetch_add(1, Ordering::SeqCst) < 5 {
            eprintln!("{what}: {answer}");
        }
    }

    async fn live(simulated: Simulated, certificate: Certificate, seen: Arc<Seen>, delay: Duration) {
        tokio::time::sleep(delay).await;
        while !seen.stops.load(Ordering::SeqCst) {
            let body = json!({ "version": 1, "wait_seconds": CLAIM_SECONDS });
            let (status, lease) = simulated.post(&certificate, "/agent/v1/claim", &body).await;
            let Some(job) = lease.get("job").and_then(Value::as_str) else {
                if !status.is_success() {
                    refused(&seen, "claim", &lease);
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                continue;
            };
            *seen.jobs.lock().unwrap().entry(job.to_owned()).or_default() += 1;
            let held = json!({ "lease": lease["lease"] });
            let done =
                json!({ "lease": lease["lease"], "outcome": { "outcome": "succeeded", "counts": { "files_new": 1 } } });
            let (status, answer) = simulated.post(&certificate, &format!("/agent/v1/jobs/{job}/start"), &held).await;
            if !status.is_success() {
                refused(&seen, "start", &answer);
            }
            tokio::time::sleep(WORK).await;
            let (status, answer) = simulated.post(&certificate, &format!("/agent/v1/jobs/{job}/finish"), &done).await;
            if !status.is_success() {
                refused(&seen, "finish", &answer);
            }
        }
    }

    /// What came of it: every backup that was made is accounted for.
    async fn tell(app: &App, orgs: &[(OrgUid, Actor)], seen: &Seen, lags: &mut [f64], began: Timestamp) -> Value {
        // Those that were being done end.
        tokio::time::sleep(Duration::from_secs(3)).await;
        let (mut made, mut done, mut lost) = (0_u64, 0_u64, 0_u64);
        for (org, admin) in orgs {
            let filter = JobFilter { kind: Some(JobKind::Backup), ..JobFilter::default() };
            let mut next = None;
            loop {
                let page = Page::new(Some(500), next.as_deref()).unwrap();
                let list = app.store.jobs().list(admin, *org, &filter, &page).await.unwrap();
                for job in list.items {
                    made += 1;
                    let is_done = job.state == JobState::Succeeded;
                    done += u64::from(is_done);
                    // Whoever had a job and is not done with it, or had it more than once.
                    lost += u64::from(job.attempt > 1 || matches!(job.state, JobState::Failed));
                    if let Some(leased_at) = job.leased_at.filter(|at| *at >= began) {
                        seen.claims
                            .lock()
                            .unwrap()
                            .push(leased_at.duration_since(job.available_at).as_secs_f64() * 1_000.0);
                    }
                }
                next = list.next;
                if next.is_none() {
                    break;
                }
            }
        }
        let doubled = seen.jobs.lock().unwrap().values().filter(|times| **times > 1).count();
        let mut claims = seen.claims.lock().unwrap().clone();
        let mut heartbeats = seen.heartbeats.lock().unwrap().clone();
        json!({
            "jobs_made": made,
            "jobs_done": done,
            "jobs_tried_again": lost,
            "jobs_doubled": doubled,
            "requests_refused": seen.refused.load(Ordering::SeqCst),
            "claim_ms": percentiles(&mut claims),
            "heartbeat_ms": percentiles(&mut heartbeats),
            "scheduler_lag_s": percentiles(lags),
        })
    }

    fn percentiles(values: &mut [f64]) -> Value {
        values.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let index = ((values.len().max(1) - 1) as f64 * share).round() as usize;
            values.get(index).map(|value| (value * 10.0).round() / 10.0)
        };
        json!({ "count": values.len(), "p50": at(0.5), "p99": at(0.99), "max": at(1.0) })
    }
}
