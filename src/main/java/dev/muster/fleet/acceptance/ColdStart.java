package dev.muster.fleet.acceptance;

import dev.muster.fleet.acceptance.AcceptanceJobs.Asked;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.kernel.store.Database;
import java.time.Duration;
import java.util.Optional;

/** A job on a machine that is made for it. */
final class ColdStart {
  static final Duration WORK = Duration.ofSeconds(5);

  private final Database database;
  private final AcceptanceJobs jobs;
  private final AcceptedPool pool;

  ColdStart(Database database, AcceptanceJobs jobs, AcceptedPool pool) {
    this.database = database;
    this.jobs = jobs;
    this.pool = pool;
  }

  /** Looks how far the step is, and does what is to be done for it now. */
  Verdict look(Acceptance acceptance, AcceptanceStep step) {
    String label = AcceptanceLabels.fresh(acceptance, step.kind(), pool.of(acceptance));
    return switch (jobs.ask(acceptance, step, label, WORK)) {
      case Asked.Coming(String what) -> new Verdict.Waits(what);
      case Asked.Refused(String reason) -> new Verdict.Failed(reason);
      case Asked.Known known ->
          AcceptanceJobs.unlessDone(known.newest()).orElseGet(() -> done(known.newest(), step));
    };
  }

  private Verdict done(Job job, AcceptanceStep step) {
    Optional<Runner> runner =
        job.runner().flatMap(id -> database.read(read -> RunnerStore.find(read, new RunnerId(id))));
    if (runner.isEmpty()) {
      return new Verdict.Failed(
          "job %s ran on %s, which is none of ours; see who else serves its labels"
              .formatted(job.id(), job.runnerName().orElse("a runner")));
    }
    return runner.get().origin().createdAt().isBefore(step.startedAt().orElseThrow())
        ? new Verdict.Failed(
            "job %s ran on %s, which was there before it was asked for"
                .formatted(job.id(), runner.get().id()))
        : new Verdict.Passed(
            "job %s ran on the new machine %s: %s"
                .formatted(
                    job.id(),
                    runner.get().instance().orElse("?"),
                    AcceptanceJobs.times(job, step.askedAt().orElseThrow())));
  }
}
