create table sessions (
    uid text primary key,
    org_id text not null,
    user_uid text not null,
    -- SHA-256 of the cookie's value.
    token_hash text not null unique,
    created_at bigint not null,
    seen_at bigint not null,
    idle_expires_at bigint not null,
    expires_at bigint not null,
    -- Until then nothing asks for the second factor again.
    step_up_until bigint not null,
    address text,
    user_agent text not null,
    -- Of a session that a provider vouches for.
    provider_uid text,
    subject text,
    -- The provider's own id of the session.
    sid text,
    refresh_sealed bytea,
    -- When the provider is asked again whether the session still stands, and when it last said so.
    refresh_at bigint,
    refreshed_at bigint,
    id_token_sealed bytea
);

create index sessions_by_user on sessions (org_id, user_uid, uid);
create index sessions_by_subject on sessions (provider_uid, subject);
create index sessions_by_sid on sessions (provider_uid, sid);
create index sessions_by_end on sessions (expires_at);
