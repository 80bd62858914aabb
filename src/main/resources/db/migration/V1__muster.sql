-- The state of one appliance. Times are UTC. Secrets and tokens are never stored in clear.

-- One link per commit that sealed rows; see kernel.audit.
create table audit_batch (
  batch bigint primary key,
  entries int not null,
  content binary(32) not null,
  hash binary(32) not null
);
-- The hash of the last link that retention removed.
create table audit_anchor (batch bigint primary key, hash binary(32) not null);
create table audit_entry (
  sequence bigint generated always as identity primary key,
  batch bigint not null,
  place int not null,
  at timestamp(6) with time zone not null,
  actor_kind varchar(20) not null,
  actor_name varchar(200) not null,
  action varchar(60) not null,
  object varchar(300) not null,
  detail varchar(4000) not null
);
create index audit_entry_batch on audit_entry (batch);

-- Record, queue entry and audit row of a webhook at once.
create table delivery (
  id bigint generated always as identity primary key,
  batch bigint not null,
  place int not null,
  source varchar(60) not null,
  delivery_id varchar(100) not null,
  event varchar(60) not null,
  body_hash binary(32) not null,
  -- compressed with LZ4; emptied by retention, while the row stays as long as the audit
  payload varbinary(1048576),
  payload_large blob,
  size int not null,
  received_at timestamp(6) with time zone not null,
  traceparent varchar(55)
);
-- Rises with time, and the hashes within a commit are few: an index by the hash alone would dirty a
-- page of its own for every row. See webhook.RecentBodies for how a body is recognised.
create index delivery_batch on delivery (batch, body_hash);
create index delivery_sender on delivery (source, delivery_id);
-- What became of it, beside it: a row with a payload is dear to write again.
create table delivery_outcome (
  delivery bigint primary key,
  state varchar(10) not null,
  outcome varchar(500) not null
);

create table work_queue (
  kind varchar(30) not null,
  name varchar(200) not null,
  due_at timestamp(6) with time zone not null,
  leased_until timestamp(6) with time zone,
  generation bigint not null,
  attempts int not null,
  traceparent varchar(55),
  stalled varchar(1000),
  last_error varchar(1000),
  primary key (kind, name)
);
create index work_queue_due on work_queue (due_at);

create table config_revision (
  id bigint generated always as identity primary key,
  revision varchar(64) not null,
  source varchar(1000) not null,
  author varchar(300) not null,
  message varchar(1000) not null,
  committed_at timestamp(6) with time zone not null,
  decided_at timestamp(6) with time zone not null,
  accepted boolean not null,
  -- the tree as a zip when accepted, so that it outlives an unreachable remote
  tree blob,
  -- JSON list when rejected
  problems clob
);

create table job (
  id bigint primary key,
  run_id bigint not null,
  run_attempt int not null,
  repository varchar(300) not null,
  name varchar(1000) not null,
  workflow varchar(1000),
  labels clob not null,
  state varchar(20) not null,
  conclusion varchar(30),
  reason varchar(1000),
  pool varchar(200),
  environment varchar(100),
  region varchar(60),
  runner varchar(60),
  runner_name varchar(200),
  head_sha varchar(64),
  head_branch varchar(300),
  installation bigint,
  attempts int not null,
  private_repository boolean not null,
  created_at timestamp(6) with time zone not null,
  queued_at timestamp(6) with time zone,
  assigned_at timestamp(6) with time zone,
  started_at timestamp(6) with time zone,
  completed_at timestamp(6) with time zone,
  traceparent varchar(55),
  version bigint not null
);
create index job_state on job (state, pool);
create index job_pool on job (pool, state);
create index job_run on job (repository, run_id);
create index job_runner on job (runner);
create table job_event (
  sequence bigint generated always as identity primary key,
  job bigint not null,
  at timestamp(6) with time zone not null,
  event varchar(40) not null,
  detail varchar(2000) not null
);
create index job_event_job on job_event (job, sequence);

create table launch (
  id varchar(40) primary key,
  pool varchar(200) not null,
  provider varchar(30) not null,
  region varchar(60) not null,
  spec_hash varchar(64) not null,
  count int not null,
  request clob not null,
  state varchar(10) not null,
  detail varchar(1000),
  created_at timestamp(6) with time zone not null,
  answered_at timestamp(6) with time zone
);
create index launch_state on launch (state);

create table runner (
  id varchar(40) primary key,
  launch varchar(40) not null,
  pool varchar(200) not null,
  provider varchar(30) not null,
  environment varchar(100) not null,
  region varchar(60) not null,
  spec varchar(200) not null,
  spec_hash varchar(64) not null,
  instance varchar(100),
  state varchar(20) not null,
  since timestamp(6) with time zone not null,
  deadline timestamp(6) with time zone,
  job bigint,
  name varchar(100),
  github_id bigint,
  reason varchar(1000),
  session_hash binary(32),
  previous_session_hash binary(32),
  previous_session_until timestamp(6) with time zone,
  report_hash binary(32),
  boot varchar(100),
  report_sequence bigint not null,
  ready_seconds bigint,
  created_at timestamp(6) with time zone not null,
  version bigint not null
);
create index runner_pool on runner (pool, state);
create index runner_state on runner (state);
create unique index runner_instance on runner (provider, instance);
create index runner_session on runner (session_hash);
create index runner_previous on runner (previous_session_hash);
create index runner_report on runner (report_hash);
create index runner_launch on runner (launch);
create index runner_name on runner (name);
create table runner_event (
  sequence bigint generated always as identity primary key,
  runner varchar(40) not null,
  at timestamp(6) with time zone not null,
  event varchar(40) not null,
  detail varchar(2000) not null
);
create index runner_event_runner on runner_event (runner, sequence);

-- Every registration that was ever made at GitHub, so that none becomes a ghost.
create table registration (
  name varchar(100) primary key,
  runner varchar(40) not null,
  scope varchar(300) not null,
  github_id bigint,
  created_at timestamp(6) with time zone not null,
  removed_at timestamp(6) with time zone
);
create index registration_open on registration (removed_at);

create table pool_decision (
  sequence bigint generated always as identity primary key,
  pool varchar(200) not null,
  at timestamp(6) with time zone not null,
  summary varchar(2000) not null,
  detail clob not null
);
create index pool_decision_pool on pool_decision (pool, sequence);

create table pause (
  kind varchar(20) not null,
  name varchar(200) not null,
  at timestamp(6) with time zone not null,
  actor varchar(250) not null,
  primary key (kind, name)
);

create table token (
  id varchar(20) primary key,
  name varchar(100) not null,
  role varchar(10) not null,
  hash binary(32) not null unique,
  created_at timestamp(6) with time zone not null,
  revoked_at timestamp(6) with time zone
);

-- What needs a person's attention until it is settled.
create table notice (
  id varchar(100) primary key,
  severity varchar(10) not null,
  at timestamp(6) with time zone not null,
  message varchar(2000) not null
);

-- Small facts that outlive a restart: cursors, switches.
create table fact (name varchar(100) primary key, content varchar(4000) not null);
