-- Rejected jobs that were reported on their commits, or were to be.
create table job_report (
  job bigint primary key,
  begun_at timestamp(6) with time zone not null,
  -- empty while it is not known whether GitHub has heard of it
  outcome varchar(300)
);
