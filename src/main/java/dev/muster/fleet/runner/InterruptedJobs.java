package dev.muster.fleet.runner;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobEvent;
import dev.muster.fleet.job.JobKeys;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.RerunIntents;
import dev.muster.kernel.audit.Actor;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Tells jobs that were lost with their machines from jobs that failed by themselves. A machine that
 * is taken away may still bring its job to a good end, so nothing is decided before GitHub
 * concludes the job; the end and the news of the interruption may come in either order.
 */
public final class InterruptedJobs {
  /** The run's own webhook is on its way; this is for when it came before, or stays away. */
  private static final Duration RUN_PATIENCE = Duration.ofSeconds(30);

  /** GitHub's clock, the cloud's and ours may differ by this much. */
  private static final Duration SKEW = Duration.ofMinutes(1);

  private final WorkQueue queue;
  private final AuditLog audit;
  private final InstantSource clock;

  public InterruptedJobs(WorkQueue queue, AuditLog audit, InstantSource clock) {
    this.queue = queue;
    this.audit = audit;
    this.clock = clock;
  }

  /**
   * Judges a job that GitHub concluded.
   *
   * @param ranOn the name of its runner at GitHub, where GitHub gave one
   */
  public void settle(Tx tx, Job job, Optional<String> ranOn) {
    if (job.state() != JobState.COMPLETED || (ranOn.isEmpty() && job.times().started().isEmpty())) {
      return;
    }
    ranOn
        .flatMap(name -> RunnerStore.named(tx, name))
        .map(Runner::id)
        .or(() -> job.runner().map(RunnerId::new))
        .flatMap(id -> Interruptions.of(tx, id))
        .filter(interruption -> endedSince(job, interruption))
        .ifPresent(interruption -> interrupted(tx, job, interruption.reason()));
  }

  /** Judges the job of a runner that is heard of as interrupted only now. */
  void settle(Tx tx, Runner runner) {
    runner
        .reservation()
        .flatMap(reservation -> JobStore.find(tx, reservation.job()))
        .filter(job -> job.runner().equals(Optional.of(runner.id().value())))
        .ifPresent(job -> settle(tx, job, Optional.empty()));
  }

  /** What ended before the cloud spoke ended by itself. */
  private static boolean endedSince(Job job, Interruptions.Interruption interruption) {
    Instant earliest = interruption.at().minus(SKEW);
    return job.times().completed().map(end -> !end.isBefore(earliest)).orElse(true);
  }

  private void interrupted(Tx tx, Job job, String reason) {
    Instant now = clock.instant();
    Optional<Job> after = JobStore.apply(tx, job.id(), new JobEvent.Interrupted(reason), now);
    if (after.map(Job::state).filter(JobState.INTERRUPTED::equals).isEmpty()) {
      return; // it ended well all the same
    }
    if (RerunIntents.want(tx, job.facts(), now)) {
      audit.add(
          tx,
          Actor.MUSTER,
          "rerun.wanted",
          "run/" + job.facts().run(),
          "attempt %d lost job %s: %s".formatted(job.facts().runAttempt(), job.id(), reason));
    }
    queue.due(tx, JobKeys.rerun(job.facts().run()), now.plus(RUN_PATIENCE), job.trace());
  }
}
