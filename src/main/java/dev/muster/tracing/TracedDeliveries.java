package dev.muster.tracing;

import dev.muster.kernel.store.Tx;
import dev.muster.kernel.tracing.SpanKind;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.kernel.tracing.TraceContext;
import dev.muster.webhook.Delivery;
import dev.muster.webhook.DeliveryHandler;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What a delivery does, as a span in the trace of what it changed: the later deliveries about a job
 * so come into the job's trace, linked to the traces in which they arrived.
 */
public record TracedDeliveries(DeliveryHandler handler, Telemetry telemetry, InstantSource clock)
    implements DeliveryHandler {
  @Override
  public String source() {
    return handler.source();
  }

  @Override
  public Effect read(Delivery delivery) {
    return switch (handler.read(delivery)) {
      case Effect.Change(String summary, Application application) ->
          new Effect.Change(summary, tx -> applied(tx, application, delivery));
      case Effect.Ignored ignored -> ignored;
      case Effect.Unread unread -> unread;
    };
  }

  private Optional<TraceContext> applied(Tx tx, Application application, Delivery delivery) {
    Instant began = clock.instant();
    Optional<TraceContext> joined = application.apply(tx);
    Optional<TraceContext> parent = TraceContext.within(joined, delivery.trace());
    telemetry
        .span("apply " + delivery.event())
        .kind(SpanKind.CONSUMER)
        .under(parent)
        .link(parent.equals(delivery.trace()) ? Optional.empty() : delivery.trace())
        .since(began)
        .set("muster.delivery", delivery.deliveryId())
        .past(clock.instant());
    return joined;
  }
}
