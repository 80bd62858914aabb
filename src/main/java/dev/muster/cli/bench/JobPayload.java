package dev.muster.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/** Bodies in the shape of GitHub's {@code workflow_job}. */
final class JobPayload {
  private static final ObjectMapper JSON = new ObjectMapper();

  private JobPayload() {}

  /**
   * A queued job.
   *
   * @param size in bytes; filled up with a description, as real ones are with URLs
   */
  static byte[] queued(long id, String label, int size) {
    ObjectNode root = JSON.createObjectNode();
    root.put("action", "queued");
    ObjectNode job = root.putObject("workflow_job");
    job.put("id", id).put("run_id", id).put("run_attempt", 1).put("name", "build");
    job.put("workflow_name", "CI").put("status", "queued").putNull("conclusion");
    job.put("head_sha", "0123456789abcdef0123456789abcdef01234567").put("head_branch", "main");
    job.put("created_at", "2026-01-02T03:04:05Z").put("started_at", "2026-01-02T03:04:05Z");
    job.putNull("completed_at").putNull("runner_id").putNull("runner_name");
    job.putArray("labels").add(label);
    ObjectNode repository = root.putObject("repository");
    repository.put("full_name", "acme/api").put("private", true);
    root.putObject("organization").put("login", "acme");
    root.putObject("installation").put("id", 1);
    try {
      int missing = size - JSON.writeValueAsBytes(root).length - ",\"description\":\"\"".length();
      repository.put("description", filler(id, Math.max(0, missing)));
      return JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree can always be written", e);
    }
  }

  /** Text that compresses about as well as GitHub's own payloads do. */
  private static String filler(long seed, int length) {
    StringBuilder text = new StringBuilder(length + 80);
    long state = seed;
    while (text.length() < length) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      text.append("https://api.github.com/repos/acme/api/actions/").append(Long.toHexString(state)).append(' ');
    }
    return text.substring(0, length);
  }
}
