package dev.muster.fleet.runner;

import dev.muster.fleet.compute.BreakerStore;
import dev.muster.fleet.compute.InterruptionListener;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.kernel.audit.Actor;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What becomes of runners whose machines are taken away, whoever says so first: the agent on the
 * machine or the cloud's own message. One without a job is replaced; one that is meant for a job is
 * taken off GitHub, and the job waits for another; one at work is left to its work.
 */
public final class InterruptedRunners implements InterruptionListener {
  /** A job whose machine is gone is concluded by GitHub after minutes; its webhook may be lost. */
  private static final Duration LOOK = Duration.ofMinutes(5);

  private final Database database;
  private final Writer writer;
  private final WorkQueue queue;
  private final AuditLog audit;
  private final InstantSource clock;
  private final DeadlinePolicy deadlines;
  private final InterruptedJobs jobs;

  public InterruptedRunners(
      Database database,
      Writer writer,
      WorkQueue queue,
      AuditLog audit,
      InstantSource clock,
      DeadlinePolicy deadlines) {
    this.database = database;
    this.writer = writer;
    this.queue = queue;
    this.audit = audit;
    this.clock = clock;
    this.deadlines = deadlines;
    this.jobs = new InterruptedJobs(queue, audit, clock);
  }

  @Override
  public boolean interrupted(String provider, String instance, Instant at, String reason) {
    Optional<Runner> runner = on(provider, instance);
    runner.ifPresent(found ->
        writer.run(
            Priority.ACKNOWLEDGE,
            tx -> interrupted(tx, RunnerStore.find(tx, found.id()).orElseThrow(), at, reason)));
    return runner.isPresent();
  }

  @Override
  public boolean endangered(String provider, String instance, Instant at, String reason) {
    Optional<Runner> runner = on(provider, instance);
    runner.ifPresent(found ->
        writer.run(
            Priority.ACKNOWLEDGE,
            tx -> RunnerStore.note(tx, found.id(), new TimelineEntry(at, "endangered", reason))));
    return runner.isPresent();
  }

  private Optional<Runner> on(String provider, String instance) {
    return database.read(read -> RunnerStore.on(read, provider, instance));
  }

  /** Notes that a runner's machine is taken away, and does what its state asks for. */
  void interrupted(Tx tx, Runner runner, Instant at, String reason) {
    if (!Interruptions.note(tx, runner.id(), new Interruptions.Interruption(at, reason))) {
      return;
    }
    Instant now = clock.instant();
    TimelineEntry entry = new TimelineEntry(now, "interrupted", reason);
    RunnerStore.note(tx, runner.id(), entry);
    audit.add(
        tx,
        Actor.MUSTER,
        "runner.interrupted",
        "runner/" + runner.id(),
        "%s; it was %s".formatted(reason, runner.state().word()));
    switch (runner.state()) {
      case PLANNED, LAUNCHING, BOOTING, READY, STOPPING, STOPPED, STARTING ->
          apply(tx, runner, new RunnerEvent.TerminateWanted(reason), now);
      case ASSIGNED, REGISTERED -> apply(tx, runner, new RunnerEvent.Released(reason), now);
      case BUSY ->
          runner
              .reservation()
              .ifPresent(r -> {
                JobStore.note(tx, r.job(), new TimelineEntry(now, "machine interrupted", reason));
                queue.due(tx, RunnerKeys.job(r.job()), now.plus(LOOK), Optional.empty());
              });
      case TERMINATING, TERMINATED, FAILED -> {
        // It ended before this was heard; its job may have ended of it.
      }
    }
    RunnerOrigin origin = runner.origin();
    RunnerStore.offer(tx, runner.id())
        .ifPresent(
            offer -> BreakerStore.interrupted(tx, origin.provider(), origin.region(), offer, now));
    jobs.settle(tx, runner);
  }

  private void apply(Tx tx, Runner runner, RunnerEvent event, Instant now) {
    RunnerStore.apply(tx, runner, event, now, deadlines.of(runner));
    RunnerOrigin origin = runner.origin();
    due(tx, RunnerKeys.runner(runner.id()), now);
    due(tx, RunnerKeys.pool(origin.pool()), now);
    due(tx, RunnerKeys.compute(origin.provider(), origin.region()), now);
  }

  private void due(Tx tx, WorkKey key, Instant now) {
    queue.due(tx, key, now, Optional.empty());
  }
}
