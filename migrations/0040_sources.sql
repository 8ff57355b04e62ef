create table sources (
    uid text primary key,
    org_id text not null references orgs (uid),
    agent_id text not null references agents (uid),
    -- Who sees its snapshots in the portal without a grant.
    owner_id text,
    name text not null,
    -- The name of the source in snapshots; null: the machine's own.
    host text,
    -- JSON: a list of paths.
    paths text not null,
    created_at bigint not null,
    version bigint not null,
    unique (org_id, name)
);

create index sources_by_agent on sources (org_id, agent_id, uid);
