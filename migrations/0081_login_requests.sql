-- Programs that ask to act for a person, who confirms it in a browser. A row lives for minutes, and gives one token.
create table login_requests (
    uid text primary key,
    -- SHA-256 of what the program has, and of the code that the person types.
    secret_hash text not null unique,
    code_hash text not null unique,
    -- What the program calls itself, and where it asked from: shown to whoever confirms.
    name text not null,
    address text,
    -- Who confirmed it; null: nobody yet.
    org_id text,
    user_uid text,
    confirmed_at bigint,
    created_at bigint not null,
    expires_at bigint not null
);

create index login_requests_by_end on login_requests (expires_at);
