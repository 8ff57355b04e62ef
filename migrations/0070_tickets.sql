create table tickets (
    uid text primary key,
    org_id text not null,
    user_uid text not null,
    source_uid text not null,
    repository_uid text not null,
    -- SHA-256 of the ticket itself.
    hash text not null unique,
    -- JSON: what may be downloaded, each a snapshot, its tree and a path in it.
    items text not null,
    -- `file`, `tar` or `zip`.
    form text not null,
    -- What the download is saved as.
    name text not null,
    -- From where alone it may be redeemed; null: from anywhere.
    address text,
    created_at bigint not null,
    expires_at bigint not null,
    redeemed_at bigint,
    -- The download session: SHA-256 of its cookie, and its end, which every use puts off until the last.
    cookie_hash text,
    session_expires_at bigint,
    session_ends_at bigint,
    bytes_sent bigint not null,
    requests bigint not null
);

create index tickets_by_user on tickets (org_id, user_uid, uid);
create index tickets_by_end on tickets (expires_at);
