-- Where the code of a run comes from, so that GitHub is asked once for each.
create table run_origin (
  repository varchar(300) not null,
  run_id bigint not null,
  -- empty where GitHub no longer has it
  head varchar(300),
  learnt_at timestamp(6) with time zone not null,
  primary key (repository, run_id)
);
create index run_origin_learnt on run_origin (learnt_at);
