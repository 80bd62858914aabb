-- Acceptances, their steps, and how far each step is.
create table acceptance (
  id varchar(40) primary key,
  repository varchar(300) not null,
  branch varchar(300) not null,
  pool varchar(200) not null,
  os varchar(10) not null,
  created_at timestamp(6) with time zone not null,
  ended_at timestamp(6) with time zone
);
create index acceptance_ended on acceptance (ended_at);
create table acceptance_step (
  acceptance varchar(40) not null,
  step varchar(20) not null,
  state varchar(10) not null,
  started_at timestamp(6) with time zone,
  ended_at timestamp(6) with time zone,
  asked_at timestamp(6) with time zone,
  accepted boolean not null,
  evidence varchar(4000) not null,
  primary key (acceptance, step)
);
