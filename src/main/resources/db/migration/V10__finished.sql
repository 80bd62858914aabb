-- When a runner's agent said that its job is done, before GitHub has said so.
alter table runner add column finished_at timestamp(6) with time zone;
