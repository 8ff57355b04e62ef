create table gateway_credentials (
    uid text primary key,
    org_id text not null references orgs (uid),
    repository_uid text not null references repositories (uid) on delete cascade,
    -- For people.
    name text not null,
    -- What stands before the colon: unique in the installation.
    username text not null unique,
    -- SHA-256 of 256 random bits, in hexadecimal digits.
    secret_hash text not null,
    -- append-only, read-only or full.
    access text not null,
    -- Whose it is; both null: a program's.
    user_uid text,
    agent_uid text,
    expires_at bigint,
    last_used_at bigint,
    created_at bigint not null,
    version bigint not null
);

create index gateway_credentials_by_repository on gateway_credentials (org_id, repository_uid, uid);
