create index jobs_by_end on jobs (org_id, ended_at);
create index jobs_backups_by_source on jobs (source_id, ended_at) where kind = 'backup';
