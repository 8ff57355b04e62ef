create table grants (
    uid text primary key,
    org_id text not null,
    user_uid text not null,
    source_uid text not null,
    -- '/': everything of the source.
    path_prefix text not null,
    -- `allow` or `deny`.
    effect text not null,
    -- Names of actions between commas: see, preview, download, restore.
    actions text not null,
    created_at bigint not null,
    version bigint not null,
    unique (org_id, user_uid, source_uid, path_prefix, effect)
);

create index grants_by_source on grants (org_id, source_uid, uid);
