create table restores (
    uid text primary key,
    org_id text not null references orgs (uid),
    -- Who asked.
    user_uid text not null,
    source_uid text not null,
    agent_uid text not null,
    -- JSON: common's RestoreSpec, as it is to be done.
    spec text not null,
    -- When the snapshot was taken.
    taken_at bigint not null,
    -- Why, in the words of who asked.
    comment text not null,
    -- `none`: nobody needs to agree, or it is not to begin yet; `waits`, `approved`, `denied`
    approval text not null,
    approval_by text,
    approval_at bigint,
    approval_why text,
    -- The job that thinks it through, and the one that does it.
    check_job text,
    job text,
    cancelled_at bigint,
    created_at bigint not null,
    version bigint not null
);

create index restores_by_user on restores (org_id, user_uid, uid);
create index restores_by_job on restores (org_id, job);
create index restores_by_check on restores (org_id, check_job);
create index restores_by_age on restores (created_at);
create index restores_waiting on restores (org_id, uid) where approval = 'waits';

-- Whether somebody else has to agree to restores that people ask for: of anything in the organization, or of a source.
alter table orgs add column restore_approval bigint not null default 0;
alter table sources add column restore_approval bigint not null default 0;
