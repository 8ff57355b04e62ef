-- Bytes that people downloaded, by day: what limits of a day are held against.
create table download_days (
    org_id text not null,
    user_uid text not null,
    -- Days since 1970, in UTC.
    day bigint not null,
    bytes bigint not null,
    primary key (org_id, user_uid, day)
);
