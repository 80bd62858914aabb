-- What each environment has spent in a month, as it was last accounted for, and what its machines
-- cost while they run: enough to say at any instant what it has spent since.
create table environment_spend (
  environment varchar(100) primary key,
  spent_in varchar(7) not null,
  micro_usd bigint not null,
  hourly_micro_usd bigint not null,
  unpriced_machines integer not null,
  as_of timestamp(6) with time zone not null
);
-- The percentages of a month's budget that were alerted at: once each.
create table budget_alert (
  environment varchar(100) not null,
  spent_in varchar(7) not null,
  percent integer not null,
  micro_usd bigint not null,
  at timestamp(6) with time zone not null,
  primary key (environment, spent_in, percent)
);
-- Where an operator lets an environment launch beyond its budget, for the rest of a month.
create table budget_lift (
  environment varchar(100) not null,
  spent_in varchar(7) not null,
  at timestamp(6) with time zone not null,
  actor varchar(200) not null,
  primary key (environment, spent_in)
);
-- A token may be good for one environment alone.
alter table token add column environment varchar(100);
