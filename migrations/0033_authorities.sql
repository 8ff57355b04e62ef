-- The installation's own certificate authorities: shared by its replicas.
create table authorities (
    name text primary key,
    certificate_pem text not null,
    -- Sealed under the installation key.
    sealed_key bytea not null,
    created_at bigint not null
);
