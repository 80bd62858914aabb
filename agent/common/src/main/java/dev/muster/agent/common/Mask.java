package dev.muster.agent.common;

import dev.muster.agent.protocol.Secret;
import java.nio.charset.StandardCharsets;

/**
 * A stream of bytes in which a secret is replaced by {@code ***}, also where it is split between
 * two reads. What may be the secret's beginning is held back until it is known not to be.
 */
final class Mask {
  private static final byte[] STARS = "***".getBytes(StandardCharsets.US_ASCII);

  /** Shorter ones are no secrets, and would tear words apart. */
  private static final int SHORTEST = 8;

  /** Where bytes go on to. */
  interface Sink {
    void add(byte[] buffer, int from, int length);

    /** Waits a moment for what was added to arrive where it goes; no more is added. */
    default void flush() throws InterruptedException {}
  }

  private final byte[] secret;
  private final int[] shorter;
  private final Sink sink;
  private int matched;

  Mask(Secret secret, Sink sink) {
    byte[] bytes = secret.value().getBytes(StandardCharsets.UTF_8);
    this.secret = bytes.length < SHORTEST ? new byte[0] : bytes;
    this.shorter = shorterMatches(this.secret);
    this.sink = sink;
  }

  /** For each prefix, the longest shorter one that is also its suffix (Knuth, Morris, Pratt). */
  private static int[] shorterMatches(byte[] secret) {
    int[] shorter = new int[secret.length];
    int length = 0;
    for (int i = 1; i < secret.length; i++) {
      while (length > 0 && secret[i] != secret[length]) {
        length = shorter[length - 1];
      }
      if (secret[i] == secret[length]) {
        length++;
      }
      shorter[i] = length;
    }
    return shorter;
  }

  void add(byte[] buffer, int length) {
    if (secret.length == 0) {
      sink.add(buffer, 0, length);
      return;
    }
    int clear = 0; // from here to i the buffer is neither passed on nor held back
    for (int i = 0; i < length; i++) {
      while (matched > 0 && buffer[i] != secret[matched]) {
        int kept = shorter[matched - 1];
        sink.add(secret, 0, matched - kept);
        matched = kept;
      }
      if (buffer[i] != secret[matched]) {
        continue;
      }
      if (matched == 0) {
        sink.add(buffer, clear, i - clear);
      }
      matched++;
      clear = i + 1;
      if (matched == secret.length) {
        sink.add(STARS, 0, STARS.length);
        matched = 0;
      }
    }
    if (matched == 0) {
      sink.add(buffer, clear, length - clear);
    }
  }

  /** Passes on what is held back: no more comes. */
  void end() {
    sink.add(secret, 0, matched);
    matched = 0;
  }
}
