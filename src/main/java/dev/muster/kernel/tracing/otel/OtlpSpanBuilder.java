package dev.muster.kernel.tracing.otel;

import dev.muster.kernel.tracing.Span;
import dev.muster.kernel.tracing.SpanBuilder;
import dev.muster.kernel.tracing.SpanKind;
import dev.muster.kernel.tracing.TraceContext;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One of the SDK's. */
final class OtlpSpanBuilder implements SpanBuilder {
  private final io.opentelemetry.api.trace.SpanBuilder builder;
  private @Nullable String failure;

  OtlpSpanBuilder(io.opentelemetry.api.trace.SpanBuilder builder) {
    this.builder = builder;
  }

  @Override
  public SpanBuilder kind(SpanKind kind) {
    builder.setSpanKind(
        switch (kind) {
          case INTERNAL -> io.opentelemetry.api.trace.SpanKind.INTERNAL;
          case SERVER -> io.opentelemetry.api.trace.SpanKind.SERVER;
          case CLIENT -> io.opentelemetry.api.trace.SpanKind.CLIENT;
          case CONSUMER -> io.opentelemetry.api.trace.SpanKind.CONSUMER;
        });
    return this;
  }

  @Override
  public SpanBuilder under(Optional<TraceContext> parent) {
    builder.setParent(parent.map(OtlpSpanBuilder::remote).orElseGet(Context::root));
    return this;
  }

  @Override
  public SpanBuilder underSender(Optional<TraceContext> parent) {
    builder.setParent(parent.map(p -> OwnDecision.strangers(remote(p))).orElseGet(Context::root));
    return this;
  }

  @Override
  public SpanBuilder link(Optional<TraceContext> other) {
    other.ifPresent(context -> builder.addLink(spanContext(context)));
    return this;
  }

  @Override
  public SpanBuilder since(Instant begin) {
    builder.setStartTimestamp(begin);
    return this;
  }

  @Override
  public SpanBuilder set(String key, String value) {
    builder.setAttribute(key, value);
    return this;
  }

  @Override
  public SpanBuilder set(String key, long value) {
    builder.setAttribute(key, value);
    return this;
  }

  @Override
  public SpanBuilder failed(String why) {
    failure = why;
    return this;
  }

  @Override
  public Span start() {
    return OtlpSpan.current(begun());
  }

  @Override
  public Span past(Instant end) {
    io.opentelemetry.api.trace.Span span = begun();
    span.end(end);
    return OtlpSpan.ended(span);
  }

  private io.opentelemetry.api.trace.Span begun() {
    io.opentelemetry.api.trace.Span span = builder.startSpan();
    if (failure != null) {
      span.setStatus(StatusCode.ERROR, failure);
    }
    return span;
  }

  private static Context remote(TraceContext context) {
    return Context.root().with(io.opentelemetry.api.trace.Span.wrap(spanContext(context)));
  }

  static SpanContext spanContext(TraceContext context) {
    return SpanContext.createFromRemoteParent(
        context.traceId(),
        context.spanId(),
        TraceFlags.fromHex(context.flags(), 0),
        TraceState.getDefault());
  }
}
