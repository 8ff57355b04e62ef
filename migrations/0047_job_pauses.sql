alter table jobs add column pause_requested bigint not null default 0;
