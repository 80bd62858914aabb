-- How far each machine's time is accounted for.
alter table runner add column costed_until timestamp(6) with time zone;
alter table runner add column costed boolean default false not null;
create index runner_costed on runner (costed, machine_type);

-- What machines cost, in millionths of a US dollar, by the day in UTC. Without a repository is what
-- no job had: booting, and waiting for one.
create table cost_day (
  spent_on varchar(10) not null,
  environment varchar(100) not null,
  pool varchar(200) not null,
  repository varchar(300) not null,
  region varchar(60) not null,
  micro_usd bigint not null,
  estimated_micro_usd bigint not null,
  unpriced_seconds bigint not null,
  primary key (spent_on, environment, pool, repository, region)
);
create table job_cost (
  job bigint primary key,
  micro_usd bigint not null,
  estimated boolean not null,
  changed_at timestamp(6) with time zone not null
);
create index job_cost_changed on job_cost (changed_at);
