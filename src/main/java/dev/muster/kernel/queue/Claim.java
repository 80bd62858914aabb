package dev.muster.kernel.queue;

import dev.muster.kernel.tracing.TraceContext;
import java.time.Instant;
import java.util.Optional;

/**
 * A key taken for work until its lease ends.
 *
 * @param generation what the key's counter said when it was taken: a higher one at the end means
 *     that it became due again meanwhile
 * @param due when it should have been taken
 */
public record Claim(
    WorkKey key, long generation, int attempts, Instant due, Optional<TraceContext> trace) {}
