-- Places in sources that somebody shares with colleagues. They carry no rights: whoever opens one sees what they may see.
create table places (
    uid text primary key,
    org_id text not null references orgs (uid),
    source_uid text not null references sources (uid) on delete cascade,
    made_by text not null,
    taken_at bigint not null,
    path bytea not null,
    -- What a page shows there, as the page says it: opaque.
    shown text not null,
    created_at bigint not null,
    expires_at bigint not null
);

create index places_by_maker on places (org_id, made_by, uid);
