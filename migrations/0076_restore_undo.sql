-- The job that puts back what a restore replaced.
alter table restores add column undo_job text;
create index restores_by_undo on restores (org_id, undo_job);
