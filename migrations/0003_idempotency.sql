-- What was answered to a creating request with an Idempotency-Key, so that its repetition creates nothing.
create table idempotency (
    -- Who asked: a key means nothing to anybody else.
    who text not null,
    idempotency_key text not null,
    -- SHA-256 of method, path and body: another request with the same key is a mistake.
    request_hash text not null,
    -- Null while the first request is still being answered.
    status bigint,
    headers text,
    body bytea,
    created_at bigint not null,
    primary key (who, idempotency_key)
);

create index idempotency_by_age on idempotency (created_at);
