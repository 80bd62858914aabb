package dev.muster.kernel.tracing.otel;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;

/**
 * Decides about a span whose parent is a stranger's as if it had none, so that nobody outside makes
 * us record more, or less, than the sampler is set to.
 */
record OwnDecision(Sampler sampler) implements Sampler {
  private static final ContextKey<Boolean> STRANGERS = ContextKey.named("muster-strangers-parent");

  static Context strangers(Context parent) {
    return parent.with(STRANGERS, true);
  }

  @Override
  public SamplingResult shouldSample(
      Context parent,
      String traceId,
      String name,
      SpanKind kind,
      Attributes attributes,
      List<LinkData> links) {
    Context asked = parent.get(STRANGERS) == null ? parent : Context.root();
    return sampler.shouldSample(asked, traceId, name, kind, attributes, links);
  }

  @Override
  public String getDescription() {
    return sampler.getDescription();
  }
}
