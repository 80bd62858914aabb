-- What exactly each launch asked of EC2, so that it can be asked again word for word.
create table ec2_launch (
  launch varchar(40) primary key,
  choice varchar(100000) not null,
  chosen_at timestamp(6) with time zone not null
);
create index ec2_launch_chosen on ec2_launch (chosen_at);
-- The instance types that a region has, as the account was told.
create table ec2_catalogue (
  region varchar(30) primary key,
  types varchar(1000000) not null,
  fetched_at timestamp(6) with time zone not null
);
