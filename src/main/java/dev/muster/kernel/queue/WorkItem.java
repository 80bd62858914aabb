package dev.muster.kernel.queue;

import dev.muster.kernel.tracing.TraceContext;
import java.time.Instant;
import java.util.Optional;

/**
 * A key in the queue as the status page shows it.
 *
 * @param attempts failures since the last success
 * @param stalled why it waits for changed input, empty while it does not
 */
public record WorkItem(
    WorkKey key,
    Instant due,
    int attempts,
    Optional<TraceContext> trace,
    Optional<Instant> leasedUntil,
    Optional<String> stalled,
    Optional<String> lastError) {}
