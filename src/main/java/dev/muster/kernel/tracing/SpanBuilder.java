package dev.muster.kernel.tracing;

import java.time.Instant;
import java.util.Optional;

/** A span that has not begun. Used once, by one thread. */
public interface SpanBuilder {
  SpanBuilder kind(SpanKind kind);

  /** Its parent, in place of the thread's current span; empty begins a trace. */
  SpanBuilder under(Optional<TraceContext> parent);

  /**
   * Its parent as somebody outside names it: the trace is theirs, but whether it is recorded is our
   * own sampler's decision, not what their flag says.
   */
  SpanBuilder underSender(Optional<TraceContext> parent);

  /** Another trace that meets this one here; empty links nothing. */
  SpanBuilder link(Optional<TraceContext> other);

  /** When it began, where that is past. */
  SpanBuilder since(Instant begin);

  SpanBuilder set(String key, String value);

  SpanBuilder set(String key, long value);

  /** It did not do what it was for; see {@link Span#failed}. */
  SpanBuilder failed(String why);

  /** Begins it, as the current one of this thread. */
  Span start();

  /** The whole span, when it is past already; never the current one. */
  Span past(Instant end);
}
