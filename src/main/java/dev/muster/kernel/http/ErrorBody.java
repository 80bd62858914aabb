package dev.muster.kernel.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * The one shape of every error: {@code {"error":{"code","message","hint"}}}.
 *
 * @param code a stable word for programs
 * @param message what happened to which object, for people
 * @param hint the way out
 */
public record ErrorBody(int status, String code, String message, @Nullable String hint) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public ErrorBody(int status, String code, String message) {
    this(status, code, message, null);
  }

  public String json() {
    ObjectNode root = JSON.createObjectNode();
    root.putObject("error").put("code", code).put("message", message).put("hint", hint);
    return root.toString();
  }

  /** Answers with this error. */
  public void send(ServerResponse response) {
    response.status(Status.create(status));
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.header(HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-store"));
    response.send(json());
  }

  /** Answers with this error and says when to come back. */
  public void send(ServerResponse response, int retryAfterSeconds) {
    response.header(
        HeaderValues.create(HeaderNames.RETRY_AFTER, Integer.toString(retryAfterSeconds)));
    send(response);
  }
}
