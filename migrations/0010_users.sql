create table users (
    uid text primary key,
    -- '': the installation itself, whose people are root's.
    org_id text not null,
    -- Lower case: what they sign in with.
    email text not null,
    name text not null,
    role text not null,
    disabled bigint not null,
    -- The provider whose groups decide the role, if one does.
    provider_uid text,
    -- Argon2id, as a PHC string; null: no local password.
    password_hash text,
    password_changed_at bigint,
    -- Sealed; a secret that was not confirmed with a code yet asks for none.
    totp_sealed bytea,
    totp_confirmed bigint not null,
    -- The last step whose code was used: no code works twice.
    totp_step bigint not null,
    -- Since they signed in last.
    failed_attempts bigint not null,
    signed_in_at bigint,
    created_at bigint not null,
    version bigint not null,
    unique (org_id, email)
);

create index users_by_email on users (email);

create table recovery_codes (
    org_id text not null,
    user_uid text not null,
    hash text not null,
    used_at bigint,
    primary key (user_uid, hash)
);
