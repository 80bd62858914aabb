package dev.muster.webhook;

import dev.muster.kernel.tracing.TraceContext;
import java.time.Instant;
import java.util.Optional;

/**
 * What a sender delivered.
 *
 * @param deliveryId the sender's, not signed and so not trusted alone
 * @param payload the raw body
 */
public record Delivery(
    String source,
    String deliveryId,
    String event,
    byte[] payload,
    Instant receivedAt,
    Optional<TraceContext> trace) {}
