package dev.muster.fleet.acceptance;

import dev.muster.fleet.acceptance.AcceptanceJobs.Asked;
import dev.muster.fleet.compute.Compute;
import dev.muster.fleet.compute.InterruptionListener;
import dev.muster.fleet.compute.Offer;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.RerunIntent;
import dev.muster.fleet.job.RerunIntents;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.fleet.spec.Spot;
import dev.muster.kernel.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A job whose machine is taken away while it runs, as a spot interruption does it: the news of it
 * first, then the end. Its rerun is a job of the run's next attempt.
 */
final class Interruption {
  static final Duration WORK = Duration.ofMinutes(2);
  static final String REASON = "an acceptance takes the machine away as an interruption does";

  /** Ending a machine may take a while, and some need to be told twice. */
  private static final Duration TELL_AGAIN = Duration.ofSeconds(45);

  private final Database database;
  private final InstantSource clock;
  private final AcceptanceJobs jobs;
  private final AcceptedPool pool;
  private final Compute compute;
  private final InterruptionListener interruptions;

  /** When each machine was told to end; a restart tells it anew, which does no harm. */
  private final Map<RunnerId, Instant> told = new ConcurrentHashMap<>();

  Interruption(
      Database database,
      InstantSource clock,
      AcceptanceJobs jobs,
      AcceptedPool pool,
      Compute compute,
      InterruptionListener interruptions) {
    this.database = database;
    this.clock = clock;
    this.jobs = jobs;
    this.pool = pool;
    this.compute = compute;
    this.interruptions = interruptions;
  }

  /** Looks how far the step is, and does what is to be done for it now. */
  Verdict look(Acceptance acceptance, AcceptanceStep step) throws InterruptedException {
    String label = AcceptanceLabels.fresh(acceptance, step.kind(), pool.of(acceptance));
    Asked asked = jobs.ask(acceptance, step, label, WORK);
    return switch (asked) {
      case Asked.Coming(String what) -> new Verdict.Waits(what);
      case Asked.Refused(String reason) -> new Verdict.Failed(reason);
      case Asked.Known(Job first, Job newest) ->
          first.id().equals(newest.id())
              ? interrupt(first)
              : AcceptanceJobs.unlessDone(newest).orElseGet(() -> rerun(acceptance, first, newest));
    };
  }

  private Verdict interrupt(Job job) throws InterruptedException {
    if (job.state() == JobState.COMPLETED) {
      return new Verdict.Failed(
          "job %s ended as %s, and was not taken for interrupted; see muster why job %s"
              .formatted(job.id(), job.conclusion().orElse("?"), job.id()));
    }
    if (job.state() == JobState.INTERRUPTED) {
      return awaited(job);
    }
    Optional<Runner> runner = runner(job);
    if (job.state() != JobState.RUNNING || runner.flatMap(Runner::instance).isEmpty()) {
      return AcceptanceJobs.unlessDone(job).orElseThrow();
    }
    takeAway(runner.get());
    return new Verdict.Waits(
        "job %s runs on machine %s, which is told to end"
            .formatted(job.id(), runner.get().instance().orElseThrow()));
  }

  private void takeAway(Runner runner) throws InterruptedException {
    Instant now = clock.instant();
    Instant last = told.get(runner.id());
    if (last != null && now.isBefore(last.plus(TELL_AGAIN))) {
      return;
    }
    String provider = runner.origin().provider();
    String machine = runner.instance().orElseThrow();
    interruptions.interrupted(provider, machine, now, REASON); // stored before the machine goes
    compute.provider(provider).terminate(runner.origin().region(), List.of(machine));
    told.put(runner.id(), now);
  }

  private Verdict awaited(Job job) {
    Optional<RerunIntent> intent =
        database.read(read -> RerunIntents.find(read, job.facts().run(), job.facts().runAttempt()));
    return intent.filter(i -> i.state() == RerunIntent.State.DROPPED).isPresent()
        ? new Verdict.Failed("job %s is %s".formatted(job.id(), intent.get().detail()))
        : AcceptanceJobs.unlessDone(job).orElseThrow();
  }

  private Verdict rerun(Acceptance acceptance, Job first, Job newest) {
    runner(first).map(Runner::id).ifPresent(told::remove);
    boolean only = pool.of(acceptance).runner().spot() == Spot.ONLY;
    Optional<Boolean> spot =
        runner(newest)
            .flatMap(r -> database.read(read -> RunnerStore.offer(read, r.id())))
            .map(Offer::spot);
    if (spot.orElse(false) && !only) {
      return new Verdict.Failed(
          "job %s was rerun as job %s on a spot machine; see muster why job %s"
              .formatted(first.id(), newest.id(), newest.id()));
    }
    Instant lost = first.times().completed().orElse(acceptance.createdAt());
    return new Verdict.Passed(
        "job %s lost machine %s and was rerun as job %s on machine %s%s: %s, from the loss on"
            .formatted(
                first.id(),
                runner(first).flatMap(Runner::instance).orElse("?"),
                newest.id(),
                runner(newest).flatMap(Runner::instance).orElse("?"),
                spot.map(s -> s ? ", spot as its spec wants" : " on demand").orElse(""),
                AcceptanceJobs.times(newest, lost)));
  }

  private Optional<Runner> runner(Job job) {
    return job.runner()
        .flatMap(id -> database.read(read -> RunnerStore.find(read, new RunnerId(id))));
  }
}
