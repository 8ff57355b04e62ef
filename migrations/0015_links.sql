-- What works once: the link that sets the installation up, and those with which people choose a new password.
create table links (
    uid text primary key,
    org_id text not null,
    purpose text not null,
    user_uid text,
    hash text not null unique,
    expires_at bigint not null,
    used_at bigint,
    created_at bigint not null
);

create index links_by_user on links (org_id, user_uid);
