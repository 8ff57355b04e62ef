create table storage_credentials (
    uid text primary key,
    org_id text not null references orgs (uid),
    name text not null,
    -- s3, sftp or rest.
    kind text not null,
    -- JSON of what is no secret: an access key's id, a user, known hosts.
    public text not null,
    -- JSON of what is, sealed for the purpose storage-credential and this uid.
    sealed bytea not null,
    created_at bigint not null,
    version bigint not null,
    unique (org_id, name)
);
