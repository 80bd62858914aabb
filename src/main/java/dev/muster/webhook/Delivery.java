package dev.muster.webhook;

import dev.muster.kernel.tracing.TraceContext;
import java.time.Instant;
import java.util.Optional;

/**
 * What a sender delivered.
 *
 * @param id our number, rising in the order of arrival
 * @param deliveryId the sender's, not signed and so not trusted alone
 * @param payload the raw body
 */
public record Delivery(
    long id,
    String source,
    String deliveryId,
    String event,
    byte[] payload,
    Instant receivedAt,
    Optional<TraceContext> trace) {}
