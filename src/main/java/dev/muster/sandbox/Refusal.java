package dev.muster.sandbox;

import java.util.Map;

/** An answer other than success, in GitHub's shape: a status, a message, perhaps headers. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient Map<String, String> headers;

  Refusal(int status, String message) {
    this(status, message, Map.of());
  }

  Refusal(int status, String message, Map<String, String> headers) {
    super("Muster sandbox: " + message);
    this.status = status;
    this.headers = Map.copyOf(headers);
  }

  static Refusal notFound() {
    return new Refusal(404, "Not Found");
  }

  int status() {
    return status;
  }

  Map<String, String> headers() {
    return headers;
  }
}
