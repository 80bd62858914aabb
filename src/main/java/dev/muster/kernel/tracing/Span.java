package dev.muster.kernel.tracing;

import java.util.Optional;

/**
 * A span that has begun. It belongs to the thread that began it, and ends when it is closed there;
 * afterwards nothing changes it, and only {@link #context} is of use.
 */
public interface Span extends AutoCloseable {
  /** The one that is none. */
  Span NONE = Untraced.SPAN;

  /** What others go on with; empty where spans go nowhere. */
  Optional<TraceContext> context();

  Span set(String key, String value);

  Span set(String key, long value);

  /** Replaces its name, where it is known only later. */
  Span named(String name);

  /** Another trace that meets this one here. */
  Span link(Optional<TraceContext> other);

  /** Something that happened at this moment. */
  Span event(String name);

  /** It did not do what it was for; {@code why} is for people and has no secret in it. */
  Span failed(String why);

  @Override
  void close();
}
