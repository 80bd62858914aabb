package dev.muster.sandbox;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A job as the sandbox knows it at one instant.
 *
 * @param repository {@code owner/name}
 * @param head the repository that its commit is of: another for a fork's pull request, empty where
 *     that was deleted
 * @param steps shell commands, executed one after another
 * @param conclusion {@code success}, {@code failure} or {@code cancelled} once completed
 */
public record SandboxJob(
    long id,
    long runId,
    int runAttempt,
    String repository,
    Optional<String> head,
    String name,
    List<String> labels,
    List<String> steps,
    Status status,
    Optional<String> conclusion,
    Optional<SandboxRegistration> runner,
    Instant createdAt,
    Optional<Instant> startedAt,
    Optional<Instant> completedAt) {
  /** GitHub's words, in lower case on the wire. */
  public enum Status {
    QUEUED,
    IN_PROGRESS,
    COMPLETED
  }

  public SandboxJob {
    labels = List.copyOf(labels);
    steps = List.copyOf(steps);
  }

  static SandboxJob queued(
      long id,
      long runId,
      int runAttempt,
      String repository,
      Optional<String> head,
      String name,
      List<String> labels,
      List<String> steps,
      Instant now) {
    return new SandboxJob(
        id,
        runId,
        runAttempt,
        repository,
        head,
        name,
        labels,
        steps,
        Status.QUEUED,
        Optional.empty(),
        Optional.empty(),
        now,
        Optional.empty(),
        Optional.empty());
  }

  SandboxJob started(SandboxRegistration by, Instant now) {
    return new SandboxJob(
        id,
        runId,
        runAttempt,
        repository,
        head,
        name,
        labels,
        steps,
        Status.IN_PROGRESS,
        conclusion,
        Optional.of(by),
        createdAt,
        Optional.of(now),
        completedAt);
  }

  SandboxJob completed(String how, Instant now) {
    return new SandboxJob(
        id,
        runId,
        runAttempt,
        repository,
        head,
        name,
        labels,
        steps,
        Status.COMPLETED,
        Optional.of(how),
        runner,
        createdAt,
        startedAt,
        Optional.of(now));
  }

  /** The same work in the run's next attempt, under a new id. */
  SandboxJob again(long newId, int attempt, Instant now) {
    return queued(newId, runId, attempt, repository, head, name, labels, steps, now);
  }

  boolean failed() {
    return conclusion.isPresent() && !conclusion.get().equals("success");
  }
}
