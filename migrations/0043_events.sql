-- What happened lately, for whoever listens: bounded by age. The audit log is another thing.
create table events (
    uid text primary key,
    org_id text not null,
    at bigint not null,
    kind text not null,
    job_id text,
    agent_id text,
    -- JSON; never a secret.
    data text not null
);

create index events_by_org on events (org_id, uid);
create index events_by_age on events (at);
