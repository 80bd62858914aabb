package dev.muster.kernel.retention;

import dev.muster.kernel.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * One kind of row that is kept for a time.
 *
 * @param what for the log
 * @param keep how long, as the config in force says
 */
public record Expiry(String what, Supplier<Duration> keep, Step step) {
  /** Removes some of what is old. */
  public interface Step {
    /**
     * Removes up to {@code limit} rows from before {@code before}.
     *
     * @return how many were removed
     */
    int remove(Tx tx, Instant before, int limit);
  }
}
