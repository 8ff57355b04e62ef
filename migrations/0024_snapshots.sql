-- The catalog: what lies in repositories. Derived, and made anew by a refresh.
create table snapshots (
    org_id text not null,
    repository_uid text not null references repositories (uid) on delete cascade,
    id text not null,
    taken_at bigint not null,
    -- The source's offset from UTC, in seconds.
    utc_offset bigint not null,
    host text not null,
    username text not null,
    -- JSON lists of texts.
    paths text not null,
    tags text not null,
    tree text not null,
    parent text,
    program text not null,
    files bigint,
    -- Plain bytes of all its files.
    bytes bigint,
    -- Plain and stored bytes that were new to the repository.
    added_bytes bigint,
    added_stored_bytes bigint,
    source_uid text,
    seen_at bigint not null,
    primary key (repository_uid, id)
);

create index snapshots_by_time on snapshots (org_id, taken_at, id);
create index snapshots_by_source on snapshots (org_id, source_uid, taken_at);
create index snapshots_by_host on snapshots (org_id, host, taken_at);

-- What snapshots' tags say of holds. Derived, too.
create table holds (
    org_id text not null,
    repository_uid text not null,
    snapshot_id text not null,
    hold_case text not null,
    who text not null,
    reason text not null,
    until_at bigint,
    primary key (repository_uid, snapshot_id, hold_case),
    foreign key (repository_uid, snapshot_id) references snapshots (repository_uid, id) on delete cascade
);

create index holds_by_case on holds (org_id, hold_case);
