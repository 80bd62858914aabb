-- The last of what each runner wrote, as its agent sent it: deflated UTF-8, some chunks a runner.
create table runner_log (
  runner varchar(40) not null,
  sequence bigint not null,
  size integer not null,
  body varbinary(200000) not null,
  primary key (runner, sequence)
);
