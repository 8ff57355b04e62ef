-- Which replica has an organization's search index: it alone brings it up to date, and answers for all others.
create table index_leases (
    org_id text primary key references orgs (uid) on delete cascade,
    -- The replica, which is another after each of its starts.
    holder text not null,
    -- Where other replicas reach it; null: nowhere.
    url text,
    expires_at bigint not null
);

create index index_leases_by_holder on index_leases (holder);
