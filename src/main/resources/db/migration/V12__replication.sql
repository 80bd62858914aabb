-- What changed and was not written to the shared table yet; one row an aggregate, however often it changed.
create sequence replication_version;
create table outbox (
  environment varchar(100) not null,
  kind varchar(30) not null,
  name varchar(600) not null,
  version bigint not null,
  changed_at timestamp(6) with time zone not null,
  primary key (environment, kind, name)
);
create index outbox_version on outbox (environment, version);
-- What the shared table has of ours.
create table replica_sent (
  environment varchar(100) not null,
  kind varchar(30) not null,
  name varchar(600) not null,
  generation bigint not null,
  version bigint not null,
  hash binary(32) not null,
  expires_at timestamp(6) with time zone,
  primary key (environment, kind, name)
);
create index replica_sent_expires on replica_sent (expires_at);
-- What the shared table has of others.
create table remote_item (
  environment varchar(100) not null,
  writer varchar(60) not null,
  kind varchar(30) not null,
  name varchar(600) not null,
  shard int not null,
  generation bigint not null,
  version bigint not null,
  written_at timestamp(6) with time zone not null,
  received_at timestamp(6) with time zone not null,
  expires_at timestamp(6) with time zone,
  deleted boolean not null,
  body varchar(400000) not null,
  primary key (environment, writer, kind, name)
);
create index remote_item_name on remote_item (kind, name);
create index remote_item_shard on remote_item (environment, writer, shard);
create index remote_item_expires on remote_item (expires_at);
-- Regions whose queued work this one took over.
create table takeover (
  environment varchar(100) not null,
  region varchar(60) not null,
  generation bigint not null,
  at timestamp(6) with time zone not null,
  reason varchar(1000) not null,
  jobs int,
  returned_at timestamp(6) with time zone,
  primary key (environment, region, generation)
);
-- Whose a job is: empty for this region's own. The epoch rises with each takeover.
alter table job add column home varchar(60);
alter table job add column epoch int default 0 not null;
create index job_home on job (home);
