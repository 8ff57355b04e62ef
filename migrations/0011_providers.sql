create table providers (
    uid text primary key,
    -- '': of the installation.
    org_id text not null,
    name text not null,
    title text not null,
    issuer text not null,
    client_id text not null,
    -- Sealed; null: a public client.
    client_secret_sealed bytea,
    -- JSON: names of scopes.
    scopes text not null,
    groups_claim text not null,
    -- JSON: which group gives which role in which organization; the first that fits counts.
    rules text not null,
    -- Whether somebody who is known by the same address, which the provider has verified, is the same person.
    links_email bigint not null,
    enabled bigint not null,
    created_at bigint not null,
    version bigint not null,
    unique (org_id, name)
);
