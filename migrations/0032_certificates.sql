create table certificates (
    -- SHA-256 of the certificate in hexadecimal.
    fingerprint text primary key,
    org_id text not null references orgs (uid),
    agent_id text not null references agents (uid),
    serial text not null,
    not_before bigint not null,
    expires_at bigint not null,
    created_at bigint not null,
    revoked_at bigint
);

create index certificates_by_agent on certificates (org_id, agent_id, created_at);
