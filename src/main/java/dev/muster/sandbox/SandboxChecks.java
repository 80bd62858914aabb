package dev.muster.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** GitHub's rules about check runs. */
final class SandboxChecks {
  private static final Set<String> STATUSES = Set.of("queued", "in_progress", "completed");

  /** {@code stale} is GitHub's alone. */
  private static final Set<String> CONCLUSIONS =
      Set.of(
          "action_required", "cancelled", "failure", "neutral", "skipped", "success", "timed_out");

  private static final int LONGEST_SUMMARY = 65_535;

  private final SandboxSettings settings;
  private final SandboxModel model;
  private final List<SandboxCheck> checks = new CopyOnWriteArrayList<>();
  private final AtomicLong lastId = new AtomicLong(30_000);

  SandboxChecks(SandboxSettings settings, SandboxModel model) {
    this.settings = settings;
    this.model = model;
  }

  /**
   * Puts a check on a commit. The same may be there already: GitHub does not look at {@code
   * external_id}.
   *
   * @throws Refusal 403 without the permission, 422 for a form that GitHub does not take
   */
  SandboxCheck create(String repository, JsonNode wish) {
    if (settings.withheld().contains("checks")) {
      throw new Refusal(403, "Resource not accessible by integration");
    }
    String name = required(wish, "name");
    String sha = required(wish, "head_sha");
    if (!model.knowsCommit(repository, sha)) {
      throw new Refusal(422, "No commit found for SHA: " + sha);
    }
    Optional<String> conclusion = text(wish, "conclusion");
    String status = conclusion.isPresent() ? "completed" : text(wish, "status").orElse("queued");
    JsonNode output = wish.path("output");
    boolean fits =
        STATUSES.contains(status)
            && conclusion.map(CONCLUSIONS::contains).orElse(!status.equals("completed"))
            && (output.isMissingNode() || fits(output));
    if (!fits) {
      throw new Refusal(422, "Invalid request. The check run's properties do not fit together.");
    }
    SandboxCheck check =
        new SandboxCheck(
            lastId.incrementAndGet(),
            repository,
            sha.toLowerCase(Locale.ROOT),
            name,
            text(wish, "external_id"),
            status,
            conclusion,
            output.path("title").asText(),
            output.path("summary").asText());
    checks.add(check);
    return check;
  }

  /** The checks on a commit, of one name where it is given. */
  List<SandboxCheck> of(String repository, String sha, Optional<String> name) {
    return checks.stream()
        .filter(check -> check.repository().equalsIgnoreCase(repository))
        .filter(check -> check.headSha().equalsIgnoreCase(sha))
        .filter(check -> name.map(check.name()::equals).orElse(true))
        .toList();
  }

  List<SandboxCheck> all() {
    return List.copyOf(checks);
  }

  private static boolean fits(JsonNode output) {
    return text(output, "title").isPresent()
        && text(output, "summary").filter(s -> s.length() <= LONGEST_SUMMARY).isPresent();
  }

  private static String required(JsonNode wish, String field) {
    return text(wish, field)
        .orElseThrow(() -> new Refusal(422, "Invalid request. \"" + field + "\" wasn't supplied."));
  }

  private static Optional<String> text(JsonNode node, String field) {
    return Optional.ofNullable(node.path(field).textValue()).filter(value -> !value.isEmpty());
  }
}
