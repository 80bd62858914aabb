-- What each machine is, where its provider says so: what it costs, and what is scarce.
alter table runner add column machine_type varchar(40);
alter table runner add column zone varchar(60);
alter table runner add column spot boolean;

-- Capacity that was not to be had, or was taken back, lately.
create table capacity_breaker (
  provider varchar(30) not null,
  region varchar(60) not null,
  type varchar(40) not null,
  zone varchar(60) not null,
  spot boolean not null,
  opened_at timestamp(6) with time zone,
  probed_at timestamp(6) with time zone,
  interruptions varchar(1000) not null,
  reason varchar(1000) not null,
  changed_at timestamp(6) with time zone not null,
  primary key (provider, region, type, zone, spot)
);
