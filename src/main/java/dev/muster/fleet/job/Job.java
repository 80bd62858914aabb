package dev.muster.fleet.job;

import dev.muster.kernel.tracing.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A job and how far it is.
 *
 * @param runner our id of the runner reserved for it or running it
 * @param runnerName the name under which that runner is known at GitHub
 * @param attempts how many runners were assigned to it
 * @param version counts changes, for compare-and-set
 */
public record Job(
    JobFacts facts,
    JobState state,
    Optional<Placement> placement,
    Optional<String> runner,
    Optional<String> runnerName,
    Optional<String> conclusion,
    Optional<String> reason,
    int attempts,
    Times times,
    Optional<TraceContext> trace,
    long version) {

  /** When it entered its states, as far as it did. */
  public record Times(
      Optional<Instant> queued,
      Optional<Instant> assigned,
      Optional<Instant> started,
      Optional<Instant> completed) {
    static final Times NONE =
        new Times(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    Times queuedAt(Instant at) {
      return new Times(queued.or(() -> Optional.of(at)), assigned, started, completed);
    }

    Times assignedAt(Instant at) {
      return new Times(queued, Optional.of(at), started, completed);
    }

    Times startedAt(Instant at) {
      return new Times(queued, assigned, Optional.of(at), completed);
    }

    Times completedAt(Instant at) {
      return new Times(queued, assigned, started, Optional.of(at));
    }
  }

  /** A job of which only its facts are known yet. */
  public static Job first(JobFacts facts, JobState state, Optional<TraceContext> trace) {
    return new Job(
        facts,
        state,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        0,
        Times.NONE,
        trace,
        0);
  }

  public JobId id() {
    return facts.id();
  }

  /** How long it waited for a runner, up to {@code now} while it still waits. */
  public Optional<Duration> waited(Instant now) {
    return times
        .queued()
        .map(since -> Duration.between(since, times.started().or(times::completed).orElse(now)))
        .map(d -> d.isNegative() ? Duration.ZERO : d);
  }

  Job with(JobState next) {
    return new Job(
        facts,
        next,
        placement,
        runner,
        runnerName,
        conclusion,
        reason,
        attempts,
        times,
        trace,
        version);
  }

  Job with(Times changed) {
    return new Job(
        facts,
        state,
        placement,
        runner,
        runnerName,
        conclusion,
        reason,
        attempts,
        changed,
        trace,
        version);
  }

  Job with(Placement place) {
    return new Job(
        facts,
        state,
        Optional.of(place),
        runner,
        runnerName,
        conclusion,
        Optional.empty(),
        attempts,
        times,
        trace,
        version);
  }

  Job withoutPlacement() {
    return new Job(
        facts,
        state,
        Optional.empty(),
        runner,
        runnerName,
        conclusion,
        reason,
        attempts,
        times,
        trace,
        version);
  }

  Job withRunner(Optional<String> id, Optional<String> name) {
    return new Job(
        facts, state, placement, id, name, conclusion, reason, attempts, times, trace, version);
  }

  Job withAttempt() {
    return new Job(
        facts,
        state,
        placement,
        runner,
        runnerName,
        conclusion,
        reason,
        attempts + 1,
        times,
        trace,
        version);
  }

  Job withReason(String why) {
    return new Job(
        facts,
        state,
        placement,
        runner,
        runnerName,
        conclusion,
        Optional.of(why),
        attempts,
        times,
        trace,
        version);
  }

  Job withConclusion(String word) {
    return new Job(
        facts,
        state,
        placement,
        runner,
        runnerName,
        Optional.of(word),
        reason,
        attempts,
        times,
        trace,
        version);
  }

  /** Not lost after all: without an end, and without the reason for it. */
  Job found() {
    Times since = new Times(times.queued(), times.assigned(), times.started(), Optional.empty());
    return new Job(
        facts,
        state,
        placement,
        runner,
        runnerName,
        conclusion,
        Optional.empty(),
        attempts,
        since,
        trace,
        version);
  }

  /** As it is stored first. */
  Job firstVersion() {
    return new Job(
        facts, state, placement, runner, runnerName, conclusion, reason, attempts, times, trace, 0);
  }
}
