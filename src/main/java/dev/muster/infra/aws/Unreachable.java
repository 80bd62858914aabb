package dev.muster.infra.aws;

/** AWS could not be asked: no network, no credentials. Nothing is known then. */
public final class Unreachable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Unreachable(String message, Throwable cause) {
    super(message, cause);
  }
}
