package dev.muster.webhook;

import java.util.Optional;
import java.util.function.Function;

/** One kind of sender: how it signs and how it names what it sends. */
public interface WebhookSource {
  /** The last part of its path, as {@code github}. */
  String name();

  /** The largest body that it sends, in bytes. */
  int limit();

  /**
   * Checks who sent {@code body}.
   *
   * @param headers a header's value by its lower-case name
   */
  Verification verify(Function<String, Optional<String>> headers, byte[] body);

  /** How it names the delivery. */
  sealed interface Verification {
    /** The signature holds. */
    record Genuine(String deliveryId, String event) implements Verification {}

    /** The signature is missing or does not hold under any live secret. */
    record Forged(String reason) implements Verification {}

    /** What a genuine sender always sends is missing. */
    record Malformed(String reason) implements Verification {}

    /** The config names no secret to check with. */
    record NotConfigured(String hint) implements Verification {}
  }
}
