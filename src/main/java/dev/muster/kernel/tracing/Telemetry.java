package dev.muster.kernel.tracing;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes spans, and says to whom they go. A span is begun with {@link #span}, is the current one of
 * its thread until it is closed, and is the parent of what is begun meanwhile:
 *
 * <pre>{@code
 * try (Span span = telemetry.span("replicate").set("muster.region", region).start()) {
 *   ...
 *   handOn(span.context());
 * }
 * }</pre>
 *
 * <p>Names and the values of attributes come from closed sets or are ids; secrets are neither.
 */
public interface Telemetry extends AutoCloseable {
  /** Makes nothing and allocates nothing. */
  Telemetry OFF = new Untraced();

  /** Whether spans go anywhere; asked before anything that costs and is done for a span alone. */
  boolean on();

  /** Whether a span is this thread's current one. */
  boolean inSpan();

  /** Describes a span, below this thread's current one unless it is told otherwise. */
  SpanBuilder span(String name);

  /**
   * Names the one listener that is told why spans do not arrive, once, and with nothing when they
   * do again.
   */
  void onTrouble(Consumer<Optional<String>> listener);

  /** Sends what is left, for two seconds at most. */
  @Override
  void close();
}
