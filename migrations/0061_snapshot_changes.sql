-- How a snapshot differs from the one before it of its source. Derived: made when somebody first asks, and gone with it.
create table snapshot_changes (
    org_id text not null,
    repository_uid text not null,
    snapshot_id text not null,
    -- Which one was before it when this was counted: counted anew when that one is gone.
    previous_id text not null,
    added bigint not null,
    added_bytes bigint not null,
    changed bigint not null,
    changed_bytes bigint not null,
    removed bigint not null,
    removed_bytes bigint not null,
    primary key (repository_uid, snapshot_id),
    foreign key (repository_uid, snapshot_id) references snapshots (repository_uid, id) on delete cascade
);
