package dev.muster.kernel.tracing;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** Where spans go nowhere: one object for each part, without a field. */
final class Untraced implements Telemetry {
  static final Span SPAN = new NoSpan();
  private static final SpanBuilder BUILDER = new NoBuilder();

  @Override
  public boolean on() {
    return false;
  }

  @Override
  public boolean inSpan() {
    return false;
  }

  @Override
  public SpanBuilder span(String name) {
    return BUILDER;
  }

  @Override
  public void onTrouble(Consumer<Optional<String>> listener) {
    // there is none
  }

  @Override
  public void close() {
    // nothing is held
  }

  private static final class NoBuilder implements SpanBuilder {
    @Override
    public SpanBuilder kind(SpanKind kind) {
      return this;
    }

    @Override
    public SpanBuilder under(Optional<TraceContext> parent) {
      return this;
    }

    @Override
    public SpanBuilder underSender(Optional<TraceContext> parent) {
      return this;
    }

    @Override
    public SpanBuilder link(Optional<TraceContext> other) {
      return this;
    }

    @Override
    public SpanBuilder since(Instant begin) {
      return this;
    }

    @Override
    public SpanBuilder set(String key, String value) {
      return this;
    }

    @Override
    public SpanBuilder set(String key, long value) {
      return this;
    }

    @Override
    public SpanBuilder failed(String why) {
      return this;
    }

    @Override
    public Span start() {
      return SPAN;
    }

    @Override
    public Span past(Instant end) {
      return SPAN;
    }
  }

  private static final class NoSpan implements Span {
    @Override
    public Optional<TraceContext> context() {
      return Optional.empty();
    }

    @Override
    public Span set(String key, String value) {
      return this;
    }

    @Override
    public Span set(String key, long value) {
      return this;
    }

    @Override
    public Span named(String name) {
      return this;
    }

    @Override
    public Span link(Optional<TraceContext> other) {
      return this;
    }

    @Override
    public Span event(String name) {
      return this;
    }

    @Override
    public Span failed(String why) {
      return this;
    }

    @Override
    public void close() {
      // nothing began
    }
  }
}
