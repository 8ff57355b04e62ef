-- `uid:1000` or `name:anna`: only what is theirs.
alter table grants add column owner text;
-- Only in snapshots that are not older.
alter table grants add column history_days bigint;
-- Of downloads; null: without a limit.
alter table grants add column bytes_per_day bigint;
alter table grants add column downloads_max bigint;

-- Who finds the source in the portal: `owner` (nobody else), `granted` (whom it was granted, too), `hidden` (only who runs
-- the organization).
alter table sources add column visibility text not null default 'granted';
