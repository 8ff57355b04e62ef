-- Whether it was seen to that the storage lets go of what a hold kept that has ended by itself.
alter table holds add column let_go bigint not null default 0;

create index holds_ending on holds (until_at) where let_go = 0 and until_at is not null;
