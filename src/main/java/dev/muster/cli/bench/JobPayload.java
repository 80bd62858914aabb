package dev.muster.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;

/**
 * Bodies in the shape of GitHub's {@code workflow_job}, made from one template so that making them
 * costs the measured machine little.
 */
final class JobPayload implements LongFunction<byte[]> {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Stands for the number, as wide as every number is. */
  private static final long PLACEHOLDER = 7_777_777_777L;

  private final byte[] template;
  private final List<Integer> places = new ArrayList<>();

  /**
   * Queued jobs.
   *
   * @param label with {@code %d} where the job's number goes, or without
   * @param size in bytes; filled up with a description, as real ones are with URLs
   */
  JobPayload(String label, int size) {
    String text = text(String.format(Locale.ROOT, label, PLACEHOLDER), size);
    this.template = text.getBytes(StandardCharsets.UTF_8);
    String mark = Long.toString(PLACEHOLDER);
    for (int at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
      places.add(at);
    }
  }

  /** The body of a job by its number, from 0 on. */
  @Override
  public byte[] apply(long number) {
    byte[] digits = Long.toString(1_000_000_000L + number).getBytes(StandardCharsets.US_ASCII);
    byte[] body = template.clone();
    for (int place : places) {
      System.arraycopy(digits, 0, body, place, digits.length);
    }
    return body;
  }

  private static String text(String label, int size) {
    ObjectNode root = JSON.createObjectNode();
    root.put("action", "queued");
    ObjectNode job = root.putObject("workflow_job");
    job.put("id", PLACEHOLDER).put("run_id", PLACEHOLDER).put("run_attempt", 1);
    job.put("name", "build").put("workflow_name", "CI").put("status", "queued");
    job.put("head_sha", "0123456789abcdef0123456789abcdef01234567").put("head_branch", "main");
    job.put("created_at", "2026-01-02T03:04:05Z").put("started_at", "2026-01-02T03:04:05Z");
    job.putNull("conclusion").putNull("completed_at").putNull("runner_id").putNull("runner_name");
    job.putArray("labels").add(label);
    ObjectNode repository = root.putObject("repository");
    repository.put("full_name", "acme/api").put("private", true);
    root.putObject("organization").put("login", "acme");
    root.putObject("installation").put("id", 1);
    try {
      int missing =
          size - JSON.writeValueAsString(root).length() - ",\"description\":\"\"".length();
      repository.put("description", filler(Math.max(0, missing)));
      return JSON.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree can always be written", e);
    }
  }

  /** Text that compresses about as well as GitHub's own payloads do. */
  private static String filler(int length) {
    StringBuilder text = new StringBuilder(length + 80);
    long state = 1;
    while (text.length() < length) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      text.append("https://api.github.com/repos/acme/api/actions/")
          .append(Long.toHexString(state))
          .append(' ');
    }
    return text.substring(0, length);
  }
}
