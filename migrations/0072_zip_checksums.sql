-- CRC-32s of the files of archives that were sent: derived, dropped when nobody asks for them.
create table zip_checksums (
    org_id text not null,
    -- The archive's entity tag.
    etag text not null,
    -- Five bytes an entry: whether it is known, and the checksum.
    checksums bytea not null,
    used_at bigint not null,
    primary key (org_id, etag)
);

create index zip_checksums_by_use on zip_checksums (used_at);
