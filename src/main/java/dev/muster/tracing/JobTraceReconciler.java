package dev.muster.tracing;

import dev.muster.fleet.job.EndedJobs;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobKeys;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.Ownership;
import dev.muster.fleet.job.OwnershipStore;
import dev.muster.fleet.job.Placement;
import dev.muster.fleet.runner.JobPhase;
import dev.muster.fleet.runner.JobPhases;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.Reconciler;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.tracing.Span;
import dev.muster.kernel.tracing.SpanBuilder;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * The phases of a job that ended, as spans of its trace. They are made at the end, from what is
 * stored: a phase takes hours, and a span that is open goes with the process. What agents report is
 * part of the timeline, so agents make no spans.
 */
public final class JobTraceReconciler implements Reconciler<JobId>, EndedJobs {
  /** Last words of the agent, the machine's end. */
  private static final Duration SETTLED = Duration.ofSeconds(5);

  /** A machine that is not gone by then has its end left out. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Database database;
  private final WorkQueue queue;
  private final InstantSource clock;
  private final Telemetry telemetry;

  public JobTraceReconciler(
      Database database, WorkQueue queue, InstantSource clock, Telemetry telemetry) {
    this.database = database;
    this.queue = queue;
    this.clock = clock;
    this.telemetry = telemetry;
  }

  @Override
  public void ended(Tx tx, Job job) {
    queue.due(tx, JobKeys.trace(job.id()), clock.instant().plus(SETTLED), job.trace());
  }

  @Override
  public String kind() {
    return JobKeys.TRACE;
  }

  @Override
  public JobId key(String name) {
    return new JobId(Long.parseLong(name));
  }

  @Override
  public boolean ofOneTrace() {
    return true;
  }

  /** What is known of a job that is at home here, at one moment. */
  private record Seen(Job job, List<JobPhase> phases) {}

  @Override
  public Outcome reconcile(JobId id, Optional<TraceContext> trace) {
    Optional<Seen> seen =
        database.read(read ->
            JobStore.find(read, id)
                .filter(job -> OwnershipStore.of(read, id).flatMap(Ownership::elsewhere).isEmpty())
                .map(job ->
                    new Seen(job, JobPhases.of(read, job, JobStore.timeline(read, job.id())))));
    if (!telemetry.on() || seen.isEmpty()) {
      return new Outcome.Done();
    }
    JobPhase last = seen.get().phases().getLast();
    if (last.to().isEmpty() && last.from().plus(PATIENCE).isAfter(clock.instant())) {
      return new Outcome.RequeueAfter(SETTLED);
    }
    trace(seen.get().job(), seen.get().phases());
    return new Outcome.Done();
  }

  private void trace(Job job, List<JobPhase> phases) {
    Instant begin = phases.getFirst().from();
    Instant end =
        phases.stream().flatMap(p -> p.to().stream()).max(Instant::compareTo).orElse(begin);
    SpanBuilder whole =
        telemetry
            .span("job")
            .under(job.trace())
            .since(begin)
            .set("muster.job", job.id().value())
            .set("muster.run", job.facts().runId())
            .set("muster.repository", job.facts().repository())
            .set("muster.state", job.state().word())
            .set("muster.attempts", job.attempts());
    job.placement().map(Placement::pool).ifPresent(pool -> whole.set("muster.pool", pool));
    job.runner().ifPresent(runner -> whole.set("muster.runner", runner));
    job.conclusion().ifPresent(conclusion -> whole.set("muster.conclusion", conclusion));
    if (job.state() == JobState.INTERRUPTED || job.state() == JobState.LOST) {
      whole.failed(job.reason().orElse(job.state().word()));
    }
    Span span = whole.past(end);
    for (JobPhase phase : phases) {
      phase
          .to()
          .ifPresent(to ->
              telemetry
                  .span("job " + phase.kind().word())
                  .under(span.context())
                  .since(phase.from())
                  .set("muster.detail", phase.detail())
                  .past(to));
    }
  }
}
