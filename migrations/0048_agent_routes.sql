-- gateway: agents reach the repository through the server; direct: they are told what opens its storage.
alter table repositories add column agent_route text not null default 'gateway';
