create table repositories (
    uid text primary key,
    org_id text not null references orgs (uid),
    name text not null,
    -- restic's own syntax, without any secret.
    location text not null,
    credential_uid text references storage_credentials (uid),
    -- Sealed for the purpose repository-password and this uid.
    password_sealed bytea not null,
    -- restic's own id, from the config file.
    restic_id text not null,
    format bigint not null,
    -- hot, warm or cold.
    class text not null,
    -- ready or paused.
    state text not null,
    -- What the last connection test or refresh found wrong, for people.
    fault text,
    -- Days for which the storage keeps what is written; null: it does not.
    worm_days bigint,
    -- Null: no limit but the organization's.
    bytes_max bigint,
    stored_bytes bigint not null,
    checked_at bigint,
    refreshed_at bigint,
    created_at bigint not null,
    version bigint not null,
    unique (org_id, name),
    unique (org_id, location)
);

-- One row a day.
create table repository_usage (
    org_id text not null,
    repository_uid text not null references repositories (uid) on delete cascade,
    -- Days since 1970.
    day bigint not null,
    -- Bytes of all files in storage.
    stored_bytes bigint not null,
    -- Plain bytes of all blobs, each once.
    plain_bytes bigint not null,
    -- Plain bytes of all snapshots together, as if each were restored.
    restored_bytes bigint not null,
    snapshots bigint not null,
    packs bigint not null,
    blobs bigint not null,
    measured_at bigint not null,
    primary key (repository_uid, day)
);
