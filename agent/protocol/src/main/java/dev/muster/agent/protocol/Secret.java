package dev.muster.agent.protocol;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * A credential on the wire. Its text form never shows the value; comparison takes constant time.
 */
public record Secret(String value) {
  public Secret {
    if (value.isBlank()) {
      throw new IllegalArgumentException("a secret must not be blank");
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret(String that)
        && MessageDigest.isEqual(
            value.getBytes(StandardCharsets.UTF_8), that.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "Secret[hidden]";
  }
}
