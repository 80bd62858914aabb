package dev.muster.fleet.job;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * The states of a job as a pure function. Webhooks come late, twice, in any order or never; what
 * GitHub said last about an end is the truth, and nothing older undoes it.
 */
public final class JobTransition {
  /** How GitHub concludes jobs whose machines went away, at once or after minutes. */
  private static final Set<String> LOST = Set.of("failure", "cancelled");

  private JobTransition() {}

  /**
   * What an event made of a job.
   *
   * @param entry a line for the job's timeline, empty when nothing changed
   */
  public record Result(Job job, Optional<TimelineEntry> entry) {
    public boolean changed() {
      return entry.isPresent();
    }
  }

  /** Applies {@code event}, noticed at {@code now}. */
  public static Result apply(Job job, JobEvent event, Instant now) {
    return switch (event) {
      case JobEvent.Waiting() -> unchanged(job); // a new job begins in it; later it is old news
      case JobEvent.Queued queued -> queued(job, queued, now);
      case JobEvent.Started started -> started(job, started, now);
      case JobEvent.Completed completed -> completed(job, completed, now);
      case JobEvent.Placed(Placement placement) -> placed(job, placement, now);
      case JobEvent.Held(String reason) -> held(job, reason, now);
      case JobEvent.Rejected(String reason) -> rejected(job, reason, now);
      case JobEvent.Assigned assigned -> assigned(job, assigned, now);
      case JobEvent.Returned(String reason) -> returned(job, reason, now);
      case JobEvent.Interrupted(String reason) -> interrupted(job, reason, now);
      case JobEvent.Found() ->
          job.state() == JobState.LOST
              ? changed(
                  job.found().with(JobState.QUEUED).withRunner(Optional.empty(), Optional.empty()),
                  now,
                  "found",
                  "GitHub knows this job again, and it waits for a runner")
              : unchanged(job);
      case JobEvent.Vanished() ->
          job.state().ended()
              ? unchanged(job)
              : changed(
                  job.with(JobState.LOST)
                      .withReason("GitHub no longer knows this job")
                      .with(job.times().completedAt(now)),
                  now,
                  "lost",
                  "GitHub no longer knows this job");
    };
  }

  /** The first event of a job that was never heard of, whatever it is. */
  public static Job begin(Job first, JobEvent event) {
    return switch (event) {
      case JobEvent.Waiting() -> first.with(JobState.WAITING);
      default -> first.with(JobState.QUEUED);
    };
  }

  private static Result queued(Job job, JobEvent.Queued queued, Instant now) {
    return switch (job.state()) {
      case WAITING ->
          changed(
              job.with(JobState.QUEUED).with(job.times().queuedAt(queued.at())),
              now,
              "queued",
              "approved at GitHub");
      case QUEUED ->
          job.times().queued().isPresent()
              ? unchanged(job)
              : changed(
                  job.with(job.times().queuedAt(queued.at())),
                  now,
                  "queued",
                  "labels " + String.join(", ", job.facts().labels()));
      // It came after what followed it, or from before the loss: only its time is news.
      case ASSIGNED, RUNNING, COMPLETED, REJECTED, INTERRUPTED, LOST ->
          new Result(job.with(job.times().queuedAt(queued.at())), Optional.empty());
    };
  }

  private static Result started(Job job, JobEvent.Started started, Instant now) {
    return switch (job.state()) {
      case WAITING, QUEUED, ASSIGNED, LOST, REJECTED -> run(job, started, now);
      case RUNNING ->
          job.runnerName().equals(Optional.of(started.runnerName()))
              ? unchanged(job)
              : run(job, started, now);
      // It came after the end: when and where it began is news, that it runs is not.
      case COMPLETED, INTERRUPTED ->
          new Result(
              job.with(job.times().startedAt(started.at()))
                  .withRunner(
                      job.runner().or(started::runner),
                      job.runnerName().or(() -> Optional.of(started.runnerName()))),
              Optional.empty());
    };
  }

  private static Result run(Job job, JobEvent.Started started, Instant now) {
    Optional<String> expected = job.runnerName();
    String detail = "on " + started.runnerName();
    if (started.runner().isEmpty()) {
      detail += ", which is not ours";
    } else if (expected.isPresent() && !expected.get().equals(started.runnerName())) {
      detail += " instead of " + expected.get() + ": GitHub gives any runner with the labels";
    }
    Job alive = job.state() == JobState.LOST ? job.found() : job;
    return changed(
        alive
            .with(JobState.RUNNING)
            .withRunner(started.runner(), Optional.of(started.runnerName()))
            .with(alive.times().startedAt(started.at())),
        now,
        "started",
        detail);
  }

  private static Result completed(Job job, JobEvent.Completed completed, Instant now) {
    boolean over = job.state() == JobState.COMPLETED || job.state() == JobState.INTERRUPTED;
    if (over && job.conclusion().equals(Optional.of(completed.conclusion()))) {
      return unchanged(job);
    }
    Job ended =
        job.withConclusion(completed.conclusion()).with(job.times().completedAt(completed.at()));
    if (completed.runnerName().isPresent() && job.runnerName().isEmpty()) {
      ended = ended.withRunner(job.runner(), completed.runnerName());
    }
    if (job.state() == JobState.INTERRUPTED) {
      // Final: GitHub calls it a failure or a cancellation; the page keeps saying why.
      return changed(ended, now, "completed", "GitHub concludes " + completed.conclusion());
    }
    return changed(ended.with(JobState.COMPLETED), now, "completed", completed.conclusion());
  }

  /** Only what GitHub concluded badly was lost with the machine. */
  private static Result interrupted(Job job, String reason, Instant now) {
    boolean lost =
        job.state() == JobState.COMPLETED && job.conclusion().filter(LOST::contains).isPresent();
    return lost
        ? changed(job.with(JobState.INTERRUPTED).withReason(reason), now, "interrupted", reason)
        : unchanged(job);
  }

  private static Result placed(Job job, Placement placement, Instant now) {
    boolean waits =
        switch (job.state()) {
          case WAITING, QUEUED, REJECTED -> true;
          case ASSIGNED, RUNNING, COMPLETED, INTERRUPTED, LOST -> false;
        };
    boolean same =
        job.placement().equals(Optional.of(placement)) && job.state() != JobState.REJECTED;
    if (!waits || same) {
      return unchanged(job);
    }
    Job back = job.state() == JobState.REJECTED ? job.with(JobState.QUEUED) : job;
    return changed(
        back.with(placement),
        now,
        "placed",
        "pool %s in %s, %s"
            .formatted(placement.pool(), placement.environment(), placement.region()));
  }

  /** Without a pool no plan counts it, so that nothing is launched for it. */
  private static Result held(Job job, String reason, Instant now) {
    return switch (job.state()) {
      case QUEUED, REJECTED -> {
        Job held = job.with(JobState.QUEUED).withoutPlacement().withReason(reason);
        yield held.equals(job) ? unchanged(job) : changed(held, now, "held", reason);
      }
      case WAITING, ASSIGNED, RUNNING, COMPLETED, INTERRUPTED, LOST -> unchanged(job);
    };
  }

  private static Result rejected(Job job, String reason, Instant now) {
    return switch (job.state()) {
      case WAITING, QUEUED ->
          changed(job.with(JobState.REJECTED).withReason(reason), now, "rejected", reason);
      case REJECTED ->
          job.reason().equals(Optional.of(reason))
              ? unchanged(job)
              : changed(job.withReason(reason), now, "rejected", reason);
      case ASSIGNED, RUNNING, COMPLETED, INTERRUPTED, LOST -> unchanged(job);
    };
  }

  private static Result assigned(Job job, JobEvent.Assigned assigned, Instant now) {
    boolean same = job.runner().equals(Optional.of(assigned.runner()));
    if (job.state() != JobState.QUEUED && !(job.state() == JobState.ASSIGNED && !same)) {
      return unchanged(job);
    }
    return changed(
        job.with(JobState.ASSIGNED)
            .withRunner(Optional.of(assigned.runner()), Optional.of(assigned.runnerName()))
            .withAttempt()
            .with(job.times().assignedAt(now)),
        now,
        "assigned",
        "runner " + assigned.runnerName());
  }

  private static Result returned(Job job, String reason, Instant now) {
    if (job.state() != JobState.ASSIGNED) {
      return unchanged(job);
    }
    return changed(
        job.with(JobState.QUEUED).withRunner(Optional.empty(), Optional.empty()),
        now,
        "returned",
        reason);
  }

  private static Result changed(Job job, Instant now, String event, String detail) {
    return new Result(job, Optional.of(new TimelineEntry(now, event, detail)));
  }

  private static Result unchanged(Job job) {
    return new Result(job, Optional.empty());
  }
}
