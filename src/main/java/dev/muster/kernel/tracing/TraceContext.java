package dev.muster.kernel.tracing;

import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A W3C {@code traceparent}: {@code 00-TRACE-SPAN-FLAGS} with 16 and 8 bytes in lower-case hex.
 *
 * @see <a href="https://www.w3.org/TR/trace-context/">W3C Trace Context</a>
 */
public record TraceContext(String traceparent) {
  private static final int LENGTH = 55;

  public TraceContext {
    if (!wellFormed(traceparent)) {
      throw new IllegalArgumentException("Not a W3C traceparent: " + traceparent);
    }
  }

  /** A sender's header, or empty where it is not one. */
  public static Optional<TraceContext> parse(String header) {
    return wellFormed(header) ? Optional.of(new TraceContext(header)) : Optional.empty();
  }

  /** By hand: each job that is read has one, and a pattern took longer than the rest of its row. */
  private static boolean wellFormed(String header) {
    return header.length() == LENGTH
        && header.startsWith("00-")
        && digits(header, 3, 35, false)
        && header.charAt(35) == '-'
        && digits(header, 36, 52, false)
        && header.charAt(52) == '-'
        && digits(header, 53, LENGTH, true);
  }

  /** Whether there are lower-case digits in hex alone, and not only zeros unless they may be. */
  private static boolean digits(String text, int from, int to, boolean zeros) {
    boolean some = zeros;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
        return false;
      }
      some |= c != '0';
    }
    return some;
  }

  /** The trace, 32 digits in hex. */
  public String traceId() {
    return traceparent.substring(3, 35);
  }

  /** The span within it, 16 digits in hex. */
  public String spanId() {
    return traceparent.substring(36, 52);
  }

  /** Two digits in hex; the lowest bit says that the trace is recorded. */
  public String flags() {
    return traceparent.substring(53);
  }

  /**
   * What to go on with for something that has a trace of its own: {@code current} where it is of
   * that trace, and so nearer to the cause, else the trace's own beginning.
   */
  public static Optional<TraceContext> within(
      Optional<TraceContext> own, Optional<TraceContext> current) {
    if (own.isEmpty() || current.isEmpty()) {
      return own.isPresent() ? own : current;
    }
    return own.get().traceId().equals(current.get().traceId()) ? current : own;
  }

  /** The first span of a new trace, marked as sampled. */
  public static TraceContext start(RandomGenerator random) {
    byte[] ids = new byte[24];
    random.nextBytes(ids);
    ids[0] |= 1; // never all zero, which the standard forbids
    ids[16] |= 1;
    HexFormat hex = HexFormat.of();
    return new TraceContext(
        "00-" + hex.formatHex(ids, 0, 16) + "-" + hex.formatHex(ids, 16, 24) + "-01");
  }
}
