package dev.muster.kernel.replication;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets a burst of deliveries go first: their senders wait for an answer, the other regions for
 * nothing. What changes more than once meanwhile is written once. A burst that lasts is not waited
 * for; the table is behind by that much then, and catches up.
 */
final class Courtesy {
  /** The longest that what changes waits. */
  static final Duration LONGEST = Duration.ofSeconds(5);

  /** How often it is looked whether the burst is over. */
  static final Duration LOOK = Duration.ofMillis(100);

  private final BooleanSupplier burst;
  private final InstantSource clock;
  private @Nullable Instant since;

  /**
   * Of one thread.
   *
   * @param burst whether there is one
   */
  Courtesy(BooleanSupplier burst, InstantSource clock) {
    this.burst = burst;
    this.clock = clock;
  }

  /** Whether to write nothing now and to ask again after {@link #LOOK}. */
  boolean waits() {
    if (!burst.getAsBoolean()) {
      since = null;
      return false;
    }
    Instant now = clock.instant();
    Instant begun = since == null ? now : since;
    since = begun;
    return Duration.between(begun, now).compareTo(LONGEST) < 0;
  }
}
