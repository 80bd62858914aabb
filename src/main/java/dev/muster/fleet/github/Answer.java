package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.kernel.reconcile.TransientException;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/**
 * What GitHub answered.
 *
 * @param status 2xx, or one that the caller expected
 * @param body missing node where there was none
 * @param next the path of the next page below {@code api_url}
 * @param at the time on GitHub's clock, where it said so
 */
record Answer(int status, JsonNode body, Optional<String> next, Optional<Instant> at) {
  /**
   * Reads an answer to {@code call}.
   *
   * @throws TransientException when it is not in GitHub's shape: something may have answered in its
   *     place
   */
  static <T> T read(Call call, JsonNode node, Function<GitHubJson, T> reader) {
    try {
      return reader.apply(new GitHubJson("", node));
    } catch (GitHubJson.Unreadable e) {
      throw new TransientException(
          "GitHub: %s: the answer cannot be read: %s".formatted(call, e.getMessage()), e);
    }
  }

  <T> T read(Call call, Function<GitHubJson, T> reader) {
    return read(call, body, reader);
  }
}
