package dev.muster.agent.protocol;

/** A body that is not a message of this protocol. The text names the field and never its value. */
public final class MalformedMessage extends RuntimeException {
  public MalformedMessage(String message) {
    super(message);
  }

  MalformedMessage(String message, Throwable cause) {
    super(message, cause);
  }
}
