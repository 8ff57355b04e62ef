create table plans (
    uid text primary key,
    org_id text not null references orgs (uid),
    name text not null,
    enabled bigint not null,
    -- JSON: common's PlanSpec.
    spec text not null,
    created_at bigint not null,
    changed_at bigint not null,
    -- Also the number of its newest version below.
    version bigint not null,
    deleted_at bigint
);

create unique index plans_by_name on plans (org_id, name) where deleted_at is null;
create index plans_by_org on plans (org_id, uid);

-- Every content that a plan ever had. Rows are only added.
create table plan_versions (
    plan_id text not null,
    org_id text not null,
    version bigint not null,
    name text not null,
    enabled bigint not null,
    spec text not null,
    at bigint not null,
    who_kind text not null,
    who text not null,
    -- The version whose content was brought back, when it was.
    restored_from bigint,
    primary key (plan_id, version)
);

-- How far the runs of a plan are decided: one row for its backups, one for pruning, one for verifying.
create table plan_cursors (
    plan_id text not null,
    org_id text not null,
    -- backup, prune, verify
    what text not null,
    cursor_at bigint not null,
    -- Null: never.
    next_due_at bigint,
    primary key (plan_id, what)
);

create index plan_cursors_by_due on plan_cursors (next_due_at);

-- Which plans follow which: derived from their specs.
create table plan_links (
    org_id text not null,
    plan_id text not null,
    after_id text not null,
    on_end text not null,
    primary key (after_id, plan_id)
);

-- One run of a plan. What makes a replica the one that schedules it is that only one can add the row.
create table plan_runs (
    uid text primary key,
    org_id text not null,
    plan_id text not null,
    what text not null,
    -- The moment that a rule of the schedule names; null for runs that no schedule asked for.
    nominal_at bigint,
    -- schedule, manual, event, after
    origin text not null,
    -- What is known of it: the name of an event, the run before.
    cause text,
    created_at bigint not null,
    -- When its jobs were made; null: they are still to be made.
    made_at bigint,
    ended_at bigint,
    unique (plan_id, what, nominal_at)
);

create index plan_runs_by_plan on plan_runs (org_id, plan_id, uid);
create index plan_runs_to_make on plan_runs (created_at) where made_at is null;
