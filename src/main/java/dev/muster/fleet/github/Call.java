package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.Set;

/**
 * One request to GitHub.
 *
 * @param object what it is about, for messages
 * @param path below {@code api_url}, from the slash on, with its query
 * @param expected answers outside of 2xx that the caller understands
 */
record Call(
    Operation operation,
    String object,
    String method,
    String path,
    Optional<JsonNode> body,
    Set<Integer> expected) {
  Call {
    expected = Set.copyOf(expected);
  }

  static Call get(Operation operation, String object, String path) {
    return new Call(operation, object, "GET", path, Optional.empty(), Set.of());
  }

  static Call delete(Operation operation, String object, String path) {
    return new Call(operation, object, "DELETE", path, Optional.empty(), Set.of());
  }

  static Call post(Operation operation, String object, String path) {
    return new Call(operation, object, "POST", path, Optional.empty(), Set.of());
  }

  Call with(JsonNode newBody) {
    return new Call(operation, object, method, path, Optional.of(newBody), expected);
  }

  Call expecting(Integer... statuses) {
    return new Call(operation, object, method, path, body, Set.of(statuses));
  }

  Call at(String newPath) {
    return new Call(operation, object, method, newPath, body, expected);
  }

  @Override
  public String toString() {
    return operation.words() + " (" + object + ")";
  }
}
