package dev.muster.fleet.acceptance;

import dev.muster.fleet.acceptance.AcceptanceJobs.Asked;
import dev.muster.fleet.compute.Compute;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.fleet.schedule.Desired;
import dev.muster.fleet.schedule.Schedule;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.kernel.store.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** A job on a machine that the pool keeps stopped. */
final class WarmStart {
  private final Database database;
  private final InstantSource clock;
  private final AcceptanceJobs jobs;
  private final AcceptedPool pool;
  private final Compute compute;

  WarmStart(
      Database database,
      InstantSource clock,
      AcceptanceJobs jobs,
      AcceptedPool pool,
      Compute compute) {
    this.database = database;
    this.clock = clock;
    this.jobs = jobs;
    this.pool = pool;
    this.compute = compute;
  }

  /** Looks how far the step is, and does what is to be done for it now. */
  Verdict look(Acceptance acceptance, AcceptanceStep step) {
    if (step.askedAt().isEmpty()) {
      Optional<Verdict> notYet = prepared(pool.of(acceptance));
      if (notYet.isPresent()) {
        return notYet.get();
      }
    }
    String label = AcceptanceLabels.warm(acceptance, step.kind());
    return switch (jobs.ask(acceptance, step, label, ColdStart.WORK)) {
      case Asked.Coming(String what) -> new Verdict.Waits(what);
      case Asked.Refused(String reason) -> new Verdict.Failed(reason);
      case Asked.Known known ->
          AcceptanceJobs.unlessDone(known.newest())
              .orElseGet(() -> done(known.newest(), step.askedAt().orElseThrow()));
    };
  }

  /** Empty once a job would start a stopped machine. */
  private Optional<Verdict> prepared(PoolSpec spec) {
    String provider = spec.runner().provider().word();
    Desired desired = new Schedule(spec).at(clock.instant());
    if (!compute.provider(provider).stoppable()) {
      return Optional.of(new Verdict.Skipped("provider " + provider + " stops no machines"));
    }
    if (desired.stopped() == 0) {
      return Optional.of(
          new Verdict.Skipped(
              "pool %s keeps none stopped now; set desired_stopped to try it"
                  .formatted(spec.name())));
    }
    if (desired.running() > 0) {
      return Optional.of(
          new Verdict.Skipped(
              "pool %s keeps %d ready now, which jobs get first; name a pool with desired_running 0"
                  .formatted(spec.name(), desired.running())));
    }
    if (count(spec, RunnerState.READY) > 0) {
      return Optional.of(
          new Verdict.Waits("pool %s has a ready machine yet".formatted(spec.name())));
    }
    return count(spec, RunnerState.STOPPED) > 0
        ? Optional.empty()
        : Optional.of(
            new Verdict.Waits("pool %s has no stopped machine yet".formatted(spec.name())));
  }

  private long count(PoolSpec spec, RunnerState state) {
    return database.read(read -> RunnerStore.living(read, spec.name())).stream()
        .filter(runner -> runner.state() == state)
        .filter(runner -> runner.origin().specHash().equals(spec.runner().hash()))
        .count();
  }

  private Verdict done(Job job, Instant asked) {
    Optional<Runner> runner =
        job.runner().flatMap(id -> database.read(read -> RunnerStore.find(read, new RunnerId(id))));
    List<TimelineEntry> timeline =
        runner
            .map(r -> database.read(read -> RunnerStore.timeline(read, r.id())))
            .orElse(List.of());
    boolean started =
        timeline.stream()
            .anyMatch(line ->
                line.event().equals(RunnerState.STARTING.word()) && !line.at().isBefore(asked));
    String machine = runner.flatMap(Runner::instance).orElse("another's");
    return started
        ? new Verdict.Passed(
            "job %s ran on machine %s, which was stopped and started for it: %s"
                .formatted(job.id(), machine, AcceptanceJobs.times(job, asked)))
        : new Verdict.Failed(
            "job %s ran on machine %s, which was not stopped when it was asked for"
                .formatted(job.id(), machine));
  }
}
