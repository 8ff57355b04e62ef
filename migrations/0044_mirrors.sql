-- Snapshots that a mirror's source was seen to have: what lies at the mirror and is not among them, somebody else put there.
create table mirrored_snapshots (
    org_id text not null,
    from_id text not null references repositories (uid) on delete cascade,
    to_id text not null references repositories (uid) on delete cascade,
    snapshot_id text not null,
    seen_at bigint not null,
    primary key (to_id, from_id, snapshot_id)
);
