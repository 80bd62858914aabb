package dev.muster.fleet.github;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.Labels;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is said on a commit about a job that was rejected.
 *
 * @param headSha of the commit that the job runs for
 * @param externalId ours, by which a check that was published is found again
 * @param summary Markdown
 */
record RejectedJobCheck(
    Repository repository,
    String headSha,
    String name,
    String externalId,
    String title,
    String summary) {
  /**
   * Not {@code action_required}: GitHub sends whoever sees that to a page of the App's for the
   * rest, and the status page is not open to them. The job itself stays queued at GitHub, without a
   * word, until GitHub gives it up after a day, so a commit that looks merely slow is what this
   * prevents.
   */
  static final String CONCLUSION = "failure";

  private static final int LONGEST_NAME = 100;

  /** Empty for a job that was not rejected, does not carry the marker, or names no commit. */
  static Optional<RejectedJobCheck> of(Job job) {
    if (job.state() != JobState.REJECTED || !Labels.marked(job.facts().labels())) {
      return Optional.empty();
    }
    return job.facts()
        .headSha()
        .map(sha ->
            new RejectedJobCheck(
                Repository.of(job.facts().repository()),
                sha,
                cut("Muster: " + job.facts().name()),
                "muster-job-" + job.id(),
                "This job gets no runner",
                summary(job)));
  }

  private static String summary(Job job) {
    return """
    Job %s asks for %s, and Muster rejected it:

    > %s

    Correct `runs-on` in the workflow and push, or ask whoever looks after the config repository of \
    Muster. When a push there makes the job servable within a day, it starts by itself; nothing needs \
    to be run again, and this check stays as it is.
    """
        .formatted(
            code(job.facts().name()),
            job.facts().labels().stream()
                .map(RejectedJobCheck::code)
                .collect(Collectors.joining(", ")),
            code(job.reason().orElse("no reason was recorded")));
  }

  /**
   * Names, labels and what a reason repeats of them are the workflow's: no Markdown, no mention.
   */
  private static String code(String text) {
    return "`" + text.replaceAll("[`\\p{Cntrl}]", " ").strip() + "`";
  }

  private static String cut(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
  }
}
