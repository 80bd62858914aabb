package dev.muster.kernel.tracing.otel;

import dev.muster.kernel.tracing.CurrentTrace;
import dev.muster.kernel.tracing.Span;
import dev.muster.kernel.tracing.TraceContext;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.util.Optional;

/** One of the SDK's, current until it is closed. */
final class OtlpSpan implements Span {
  private final io.opentelemetry.api.trace.Span span;
  private final Scope scope;
  private final Optional<TraceContext> before;

  private OtlpSpan(
      io.opentelemetry.api.trace.Span span, Scope scope, Optional<TraceContext> before) {
    this.span = span;
    this.scope = scope;
    this.before = before;
  }

  @SuppressWarnings("MustBeClosedChecker") // closed with the span
  static Span current(io.opentelemetry.api.trace.Span span) {
    return new OtlpSpan(
        span, Context.current().with(span).makeCurrent(), CurrentTrace.enter(context(span)));
  }

  static Span ended(io.opentelemetry.api.trace.Span span) {
    return new OtlpSpan(span, Scope.noop(), CurrentTrace.get());
  }

  @Override
  public Optional<TraceContext> context() {
    return context(span);
  }

  private static Optional<TraceContext> context(io.opentelemetry.api.trace.Span span) {
    SpanContext context = span.getSpanContext();
    return Optional.of(
        new TraceContext(
            "00-"
                + context.getTraceId()
                + "-"
                + context.getSpanId()
                + "-"
                + context.getTraceFlags().asHex()));
  }

  @Override
  public Span set(String key, String value) {
    span.setAttribute(key, value);
    return this;
  }

  @Override
  public Span set(String key, long value) {
    span.setAttribute(key, value);
    return this;
  }

  @Override
  public Span named(String name) {
    span.updateName(name);
    return this;
  }

  @Override
  public Span link(Optional<TraceContext> other) {
    other.ifPresent(context -> span.addLink(OtlpSpanBuilder.spanContext(context)));
    return this;
  }

  @Override
  public Span event(String name) {
    span.addEvent(name);
    return this;
  }

  @Override
  public Span failed(String why) {
    span.setStatus(StatusCode.ERROR, why);
    return this;
  }

  @Override
  public void close() {
    CurrentTrace.back(before);
    scope.close();
    span.end();
  }
}
