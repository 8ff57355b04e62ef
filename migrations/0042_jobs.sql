create table jobs (
    uid text primary key,
    org_id text not null references orgs (uid),
    kind text not null,
    -- queued, leased, running, succeeded, partial, failed, cancelled
    state text not null,
    -- The smaller number goes first.
    priority bigint not null,
    -- agent, server
    runs_on text not null,
    -- none, shared, exclusive
    exclusivity text not null,
    agent_id text,
    repository_id text not null,
    plan_id text,
    plan_version bigint,
    run_id text,
    source_id text,
    -- JSON: common's JobSpec. Never a secret.
    spec text not null,
    -- How often it was taken.
    attempt bigint not null,
    attempts_max bigint not null,
    available_at bigint not null,
    -- When it may begin no more.
    closes_at bigint,
    -- How many jobs it still waits for.
    waits bigint not null,
    -- The lease that it is taken by, or was last.
    lease_id text,
    leased_by text,
    lease_expires_at bigint,
    cancel_requested bigint not null,
    outcome text,
    progress text,
    -- Lines of its log, and those of them that were there when the last attempt began.
    log_lines bigint not null,
    log_base bigint not null,
    retry_of text,
    correlation text,
    created_by_kind text not null,
    created_by text not null,
    created_at bigint not null,
    leased_at bigint,
    started_at bigint,
    ended_at bigint,
    version bigint not null
);

create index jobs_by_org on jobs (org_id, uid);
create index jobs_by_plan on jobs (plan_id, kind, uid);
create index jobs_by_run on jobs (run_id);
create index jobs_ready_on_agents on jobs (agent_id, priority, available_at, uid) where state = 'queued' and waits = 0;
create index jobs_ready_on_servers on jobs (org_id, priority, available_at, uid)
    where state = 'queued' and waits = 0 and runs_on = 'server';
create index jobs_queued on jobs (available_at) where state = 'queued' and waits = 0;
create index jobs_held on jobs (lease_expires_at) where state in ('leased', 'running');
create index jobs_active_by_repository on jobs (repository_id, exclusivity) where state in ('leased', 'running');
create index jobs_active_by_agent on jobs (agent_id) where state in ('leased', 'running');
create index jobs_active_by_org on jobs (org_id) where state in ('leased', 'running');
create index jobs_exclusive_waiting on jobs (repository_id, available_at)
    where state = 'queued' and waits = 0 and exclusivity = 'exclusive';

create table job_dependencies (
    org_id text not null,
    job_id text not null,
    -- What it waits for.
    on_id text not null,
    must_succeed bigint not null,
    met bigint not null,
    primary key (on_id, job_id)
);

create index job_dependencies_by_job on job_dependencies (job_id);

create table job_events (
    org_id text not null,
    job_id text not null,
    -- From 1 on.
    seq bigint not null,
    at bigint not null,
    -- debug, info, warn, error
    level text not null,
    line text not null,
    primary key (job_id, seq)
);

-- One row for each repository whose storage has failed lately.
create table breakers (
    repository_id text primary key,
    org_id text not null,
    -- closed, open, half_open
    state text not null,
    failures bigint not null,
    -- How often it has opened in a row.
    openings bigint not null,
    opened_at bigint,
    -- When the next job may try.
    retry_at bigint,
    probe_id text,
    last_error text
);
create index jobs_verified on jobs (repository_id, ended_at) where kind = 'verify';
