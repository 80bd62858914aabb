-- What is asked at each look, or within the writer, by an index: the tables keep ninety days.
create index registration_runner on registration (runner);
create index runner_made on runner (pool, created_at);
drop index runner_state;
create index runner_state on runner (state, since);
drop index launch_state;
create index launch_state on launch (state, created_at);
create index job_completed on job (completed_at);
drop index job_home;
create index job_home on job (home, state);
