package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.RunOrigin;
import dev.muster.fleet.job.RunRef;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads a JSON object of GitHub's field by field; whatever is not of the right type is named in an
 * {@link Unreadable}.
 */
record GitHubJson(String where, JsonNode node) {
  /** A field is missing or of another type. */
  static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unreadable(String message) {
      super(message);
    }
  }

  /** The facts of a {@code workflow_job}, or of a job as the REST API shows it. */
  JobFacts facts(Repository repository, boolean isPrivate, OptionalLong installation) {
    return new JobFacts(
        new JobId(positive("id")),
        positive("run_id"),
        runAttempt(),
        repository.toString(),
        text("name"),
        textIfAny("workflow_name"),
        labels(),
        textIfAny("head_sha"),
        textIfAny("head_branch"),
        installation,
        isPrivate,
        createdAt());
  }

  /** Where the code of a {@code workflow_run} comes from; webhooks and the API show it alike. */
  RunOrigin origin(String repository) {
    JsonNode head = node.path("head_repository");
    return new RunOrigin(
        new RunRef(repository, positive("id")),
        head.isMissingNode() || head.isNull()
            ? Optional.empty() // a fork that was deleted
            : Optional.of(object("head_repository").text("full_name")));
  }

  /** Absent on older servers. */
  int runAttempt() {
    return node.path("run_attempt").isMissingNode()
        ? 1
        : Math.clamp(positive("run_attempt"), 1, Integer.MAX_VALUE);
  }

  GitHubJson object(String field) {
    JsonNode child = node.path(field);
    if (!child.isObject()) {
      throw wrong(field, "an object");
    }
    return new GitHubJson(where.isEmpty() ? field : where + "." + field, child);
  }

  String text(String field) {
    return textIfAny(field).orElseThrow(() -> wrong(field, "text"));
  }

  /** Empty when it is null or not there. */
  Optional<String> textIfAny(String field) {
    JsonNode value = node.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw wrong(field, "text");
    }
    return Optional.of(value.textValue());
  }

  long positive(String field) {
    JsonNode value = node.path(field);
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() <= 0) {
      throw wrong(field, "a positive number");
    }
    return value.longValue();
  }

  Instant time(String field) {
    return timeIfAny(field).orElseThrow(() -> wrong(field, "a time"));
  }

  Optional<Instant> timeIfAny(String field) {
    return textIfAny(field).map(text -> time(field, text));
  }

  /** Older servers have no created_at on a job; queued ones start when they are made. */
  private Instant createdAt() {
    return timeIfAny("created_at")
        .or(() -> timeIfAny("started_at"))
        .orElseThrow(() -> wrong("created_at", "a time"));
  }

  private List<String> labels() {
    List<String> labels = new ArrayList<>();
    JsonNode array = node.path("labels");
    if (!array.isArray()) {
      throw wrong("labels", "a list of text");
    }
    for (JsonNode label : array) {
      if (!label.isTextual()) {
        throw wrong("labels", "a list of text");
      }
      labels.add(label.textValue());
    }
    return labels;
  }

  private Instant time(String field, String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw wrong(field, "a time");
    }
  }

  private Unreadable wrong(String field, String what) {
    return new Unreadable((where.isEmpty() ? field : where + "." + field) + " is not " + what);
  }
}
