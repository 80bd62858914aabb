package dev.muster.kernel.http;

import java.util.Optional;

/** Ends a request with an {@link ErrorBody}; the one error handler of a listener sends it. */
public final class HttpProblem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient ErrorBody body;
  private final int retryAfterSeconds;

  public HttpProblem(ErrorBody body) {
    this(body, 0);
  }

  /**
   * @param retryAfterSeconds when to come back; 0 to say nothing of it
   */
  public HttpProblem(ErrorBody body, int retryAfterSeconds) {
    super(body.message());
    this.body = body;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  public ErrorBody body() {
    return body;
  }

  public Optional<Integer> retryAfterSeconds() {
    return retryAfterSeconds > 0 ? Optional.of(retryAfterSeconds) : Optional.empty();
  }
}
