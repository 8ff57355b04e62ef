-- Who uses a repository: a row for each of restic's lock files that came through the gateway, and for each reader of ours.
create table repository_leases (
    uid text primary key,
    org_id text not null,
    repository_uid text not null references repositories (uid) on delete cascade,
    -- lock, mount, restore, backup.
    kind text not null,
    -- restic's lock file, or what else tells leases of one repository apart.
    name text not null,
    -- Null: it could not be told.
    exclusive bigint,
    -- For people: a credential, an agent, `PID 7 on host by user`.
    holder text not null,
    opened_at bigint not null,
    expires_at bigint not null,
    unique (repository_uid, kind, name)
);

create index repository_leases_by_expiry on repository_leases (org_id, repository_uid, expires_at);
