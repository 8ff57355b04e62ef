create table agents (
    uid text primary key,
    org_id text not null references orgs (uid),
    name text not null,
    -- active, revoked, unenrolled
    state text not null,
    -- What it last said of its machine, as JSON.
    facts text not null,
    last_seen_at bigint,
    -- By how many milliseconds its clock is ahead of ours.
    skew_ms bigint,
    address text,
    created_at bigint not null,
    ended_at bigint,
    version bigint not null
);

create index agents_by_org on agents (org_id, uid);
-- A name is free again when its agent is gone.
create unique index agents_by_name on agents (org_id, name) where state = 'active';
