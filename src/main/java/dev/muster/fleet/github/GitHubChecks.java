package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Check runs on commits.
 *
 * @see <a href="https://docs.github.com/en/rest/checks/runs">REST API: check runs</a>
 */
final class GitHubChecks {
  /** GitHub's words for an App that lacks a permission. */
  private static final String NO_PERMISSION = "not accessible by integration";

  private final GitHubClient client;

  GitHubChecks(GitHubClient client) {
    this.client = client;
  }

  /** What GitHub made of a check. */
  sealed interface Published {
    /** It stands on the commit. */
    record Created() implements Published {}

    /** The App may not write checks there. */
    record Denied() implements Published {}

    /** It cannot stand there: the commit or the repository is gone, or GitHub dislikes the form. */
    record Unfit(String said) implements Published {}
  }

  /** Publishes a check that has failed. */
  Published publish(RejectedJobCheck check) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("name", check.name())
        .put("head_sha", check.headSha())
        .put("external_id", check.externalId())
        .put("status", "completed")
        .put("conclusion", RejectedJobCheck.CONCLUSION);
    body.putObject("output").put("title", check.title()).put("summary", check.summary());
    Call call =
        Call.post(
                Operation.REPORT_JOB,
                check.externalId() + " of " + check.repository(),
                "/repos/" + check.repository() + "/check-runs")
            .with(body)
            .expecting(403, 404, 422);
    Answer answer = client.asInstallation(check.repository().owner(), call);
    String said = answer.body().path("message").asText("no explanation");
    return switch (answer.status()) {
      // Archived repositories answer 403 too.
      case 403 -> said.contains(NO_PERMISSION) ? new Published.Denied() : new Published.Unfit(said);
      case 404, 422 -> new Published.Unfit(said);
      default -> new Published.Created();
    };
  }

  /** Whether a check was published before, by a call whose answer was lost. */
  boolean published(RejectedJobCheck check) {
    Call call =
        Call.get(
            Operation.REPORT_JOB,
            check.externalId() + " of " + check.repository(),
            "/repos/%s/commits/%s/check-runs?filter=all&check_name=%s&per_page=%d"
                .formatted(
                    check.repository(),
                    encoded(check.headSha()),
                    encoded(check.name()),
                    GitHubClient.PAGE));
    return client.list(check.repository().owner(), call, "check_runs").stream()
        .anyMatch(run -> run.path("external_id").asText().equals(check.externalId()));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
