-- Runners whose machines the cloud takes away, and who said so first.
create table interruption (
  runner varchar(40) primary key,
  at timestamp(6) with time zone not null,
  reason varchar(1000) not null
);
-- One for each attempt of a run that lost jobs with their machines; carried out when the run has ended.
create table rerun_intent (
  repository varchar(300) not null,
  run_id bigint not null,
  run_attempt int not null,
  state varchar(10) not null,
  detail varchar(1000) not null,
  created_at timestamp(6) with time zone not null,
  changed_at timestamp(6) with time zone not null,
  primary key (repository, run_id, run_attempt)
);
create index rerun_intent_changed on rerun_intent (changed_at);
