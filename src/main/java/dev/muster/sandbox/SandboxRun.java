package dev.muster.sandbox;

import dev.muster.sandbox.SandboxJob.Status;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A workflow run, as the jobs of its latest attempt make it.
 *
 * @param head the repository that its commit is of; empty where that was deleted
 * @param conclusion present once completed
 */
public record SandboxRun(
    long id,
    int attempt,
    String repository,
    Optional<String> head,
    Status status,
    Optional<String> conclusion,
    Instant createdAt) {

  /**
   * @param latest the jobs of the run's latest attempt, at least one
   */
  static SandboxRun of(List<SandboxJob> latest) {
    SandboxJob first = latest.getFirst();
    Status status = statusOf(latest);
    return new SandboxRun(
        first.runId(),
        first.runAttempt(),
        first.repository(),
        first.head(),
        status,
        status == Status.COMPLETED ? Optional.of(conclusionOf(latest)) : Optional.empty(),
        first.createdAt());
  }

  /** The commit that a run is of, 40 hexadecimal digits. */
  static String headOf(long run) {
    return String.format(Locale.ROOT, "%040x", run);
  }

  private static Status statusOf(List<SandboxJob> jobs) {
    if (jobs.stream().allMatch(job -> job.status() == Status.COMPLETED)) {
      return Status.COMPLETED;
    }
    return jobs.stream().allMatch(job -> job.status() == Status.QUEUED)
        ? Status.QUEUED
        : Status.IN_PROGRESS;
  }

  private static String conclusionOf(List<SandboxJob> jobs) {
    return jobs.stream()
        .filter(SandboxJob::failed)
        .flatMap(job -> job.conclusion().stream())
        .findFirst()
        .orElse("success");
  }
}
