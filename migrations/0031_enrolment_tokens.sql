create table enrolment_tokens (
    uid text primary key,
    org_id text not null references orgs (uid),
    -- SHA-256 of the token in hexadecimal: the token itself is nowhere.
    hash text not null unique,
    note text not null,
    created_by text not null,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint,
    used_by text,
    revoked_at bigint
);

create index enrolment_tokens_by_org on enrolment_tokens (org_id, uid);
