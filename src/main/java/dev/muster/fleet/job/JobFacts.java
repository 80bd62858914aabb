package dev.muster.fleet.job;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What GitHub says of a job that does not change while it lives.
 *
 * @param repository {@code owner/name}
 * @param labels exactly as in {@code runs-on}, in order
 * @param installation the App's installation that the webhook came through
 * @param createdAt when GitHub made the job
 */
public record JobFacts(
    JobId id,
    long runId,
    int runAttempt,
    String repository,
    String name,
    Optional<String> workflow,
    List<String> labels,
    Optional<String> headSha,
    Optional<String> headBranch,
    OptionalLong installation,
    boolean privateRepository,
    Instant createdAt) {
  public JobFacts {
    labels = List.copyOf(labels);
  }

  /** The run that it is a job of. */
  public RunRef run() {
    return new RunRef(repository, runId);
  }

  /** Equal for jobs that GitHub may swap between their runners: same place, same labels. */
  public String registrationKey() {
    return repository + "\n" + String.join("\n", labels.stream().sorted().toList());
  }
}
