package dev.muster.status.api;

import dev.muster.fleet.cost.CostLedger;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.runner.JobPhases;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads jobs for people and programs. */
public final class JobReader {
  private final Database database;
  private final InstantSource clock;
  private final TraceLinks traces;

  public JobReader(Database database, InstantSource clock, TraceLinks traces) {
    this.database = database;
    this.clock = clock;
    this.traces = traces;
  }

  /**
   * A part of the jobs.
   *
   * @throws dev.muster.kernel.http.HttpProblem 400 for a state that there is not
   */
  public JobList list(Optional<String> state, Optional<String> pool, Slice slice) {
    return list(state, pool, Optional.empty(), slice);
  }

  /** The same of one environment. */
  public JobList list(
      Optional<String> state, Optional<String> pool, Optional<String> environment, Slice slice) {
    Optional<JobState> wanted =
        state.map(word -> Slice.oneOf("state", word, JobState.values(), JobState::word));
    return database.read(read -> list(read, wanted, pool, environment, slice));
  }

  private JobList list(
      Read read,
      Optional<JobState> state,
      Optional<String> pool,
      Optional<String> environment,
      Slice slice) {
    Instant now = clock.instant();
    List<Job> found =
        JobStore.newest(read, state, pool, environment, slice.beforeNumber(), slice.andOne());
    List<Job> shown = slice.cut(found);
    Map<JobId, List<TimelineEntry>> timelines =
        JobStore.timelines(read, shown.stream().map(Job::id).toList());
    return new JobList(
        shown.stream()
            .map(job -> JobView.of(job, timelines.getOrDefault(job.id(), List.of()), now))
            .toList(),
        slice.next(found, Job::id));
  }

  /** One job with its explanation. */
  public Optional<JobDetail> find(JobId id) {
    Instant now = clock.instant();
    return database.read(read -> JobStore.find(read, id).map(job -> detail(read, job, now)));
  }

  private JobDetail detail(Read read, Job job, Instant now) {
    List<TimelineEntry> timeline = JobStore.timeline(read, job.id());
    return new JobDetail(
        JobView.of(job, timeline, now),
        CostLedger.of(read, job.id()).map(c -> CostView.dollars(c.microUsd())).orElse(null),
        JobExplanation.of(read, job, now),
        JobPhases.of(read, job, timeline).stream().map(p -> PhaseView.of(p, now)).toList(),
        job.trace().map(TraceContext::traceId).orElse(null),
        traces.to(job.trace()));
  }
}
