package dev.muster.fleet.github;

import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.job.RunOrigin;
import java.time.Instant;
import java.util.Optional;

/** What a webhook of GitHub's says. */
public sealed interface GitHubEvent {
  /** What happened to a job. */
  enum JobAction {
    /** It waits for an approval. */
    WAITING,
    /** It wants a runner. */
    QUEUED,
    IN_PROGRESS,
    COMPLETED;

    /** As GitHub writes it. */
    String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * A job changed. Webhooks may come late, twice and in any order.
   *
   * @param conclusion in GitHub's words, once completed
   * @param runnerName of whoever took it
   * @param runnerId GitHub's number of that runner
   */
  record JobChanged(
      JobAction action,
      JobFacts facts,
      Optional<String> conclusion,
      Optional<String> runnerName,
      Optional<Long> runnerId,
      Optional<Instant> startedAt,
      Optional<Instant> completedAt)
      implements GitHubEvent {
    /** When this happened, by GitHub's clock. */
    public Instant at() {
      return switch (action) {
        case WAITING, QUEUED -> facts.createdAt();
        case IN_PROGRESS -> startedAt.orElse(facts.createdAt());
        case COMPLETED -> completedAt.or(() -> startedAt).orElse(facts.createdAt());
      };
    }
  }

  /** A run was requested or goes on: this is where its code comes from. */
  record RunBegun(RunOrigin origin) implements GitHubEvent {}

  /**
   * A run ended: from now on its jobs may be rerun.
   *
   * @param conclusion in GitHub's words; it may leave it open
   */
  record RunCompleted(String repository, long runId, int runAttempt, Optional<String> conclusion)
      implements GitHubEvent {}

  /**
   * A branch moved.
   *
   * @param head the commit it is at now
   */
  record Pushed(String repository, String branch, String head) implements GitHubEvent {}

  /** GitHub tries the webhook out. */
  record Ping(Optional<String> zen) implements GitHubEvent {}

  /**
   * The App was installed, changed or removed somewhere.
   *
   * @param action {@code created}, {@code deleted}, {@code suspend}, {@code unsuspend}, {@code
   *     new_permissions_accepted}
   */
  record InstallationChanged(String action, String owner, long installation)
      implements GitHubEvent {}

  /** What was sent is not JSON, or not of a size and depth that is read. */
  record Unread(String reason) implements GitHubEvent {}

  /** Nothing for us. */
  record Ignored(String reason) implements GitHubEvent {}
}
