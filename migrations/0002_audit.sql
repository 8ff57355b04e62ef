-- One chain for each organization, and one ('') for the installation. The head is locked while an entry is added.
create table audit_heads (
    chain text primary key,
    seq bigint not null,
    hash text not null
);

create table audit (
    chain text not null,
    seq bigint not null,
    at bigint not null,
    who_kind text not null,
    who text not null,
    role text not null,
    action text not null,
    resource text not null,
    resource_uid text not null,
    outcome text not null,
    address text,
    correlation text,
    -- JSON; never a secret.
    details text not null,
    previous_hash text not null,
    hash text not null,
    primary key (chain, seq)
);

create index audit_by_resource on audit (chain, resource, resource_uid, seq);
create index audit_by_who on audit (chain, who, seq);
