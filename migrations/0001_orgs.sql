create table orgs (
    uid text primary key,
    -- What appears in URLs and paths: lower-case letters, digits and hyphens.
    name text not null unique,
    title text not null,
    -- Null: no limit.
    bytes_max bigint,
    agents_max bigint,
    jobs_max bigint,
    created_at bigint not null,
    version bigint not null
);
