create table api_tokens (
    uid text primary key,
    org_id text not null,
    user_uid text not null,
    name text not null,
    -- Its first characters, by which people tell tokens apart.
    prefix text not null,
    -- SHA-256 of the token.
    hash text not null unique,
    scopes text not null,
    expires_at bigint not null,
    used_at bigint,
    created_at bigint not null
);

create index api_tokens_by_user on api_tokens (org_id, user_uid, uid);
