create table identities (
    uid text primary key,
    org_id text not null,
    user_uid text not null,
    provider_uid text not null,
    issuer text not null,
    subject text not null,
    created_at bigint not null,
    seen_at bigint not null,
    unique (provider_uid, issuer, subject)
);

create index identities_by_user on identities (org_id, user_uid);
