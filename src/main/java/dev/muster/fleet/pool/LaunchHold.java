package dev.muster.fleet.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Holds launches back after the third that failed in a row, for a minute and then twice as long
 * each time, up to half an hour; one runner is tried before the rest follow.
 */
record LaunchHold(Optional<Instant> until, boolean probing) {
  private static final int TOLERATED = 3;
  private static final Duration LONGEST = Duration.ofMinutes(30);

  static LaunchHold of(PoolView.Failures failures, Instant now) {
    if (failures.count() < TOLERATED || failures.last().isEmpty()) {
      return new LaunchHold(Optional.empty(), false);
    }
    long minutes = 1L << Math.min(failures.count() - TOLERATED, 10);
    Duration pause = Duration.ofMinutes(Math.min(minutes, LONGEST.toMinutes()));
    Instant until = failures.last().get().plus(pause);
    return now.isBefore(until)
        ? new LaunchHold(Optional.of(until), false)
        : new LaunchHold(Optional.empty(), true);
  }

  /** How many of {@code wanted} may be launched now. */
  int allowed(int wanted) {
    return until.isPresent() ? 0 : probing ? Math.min(1, wanted) : wanted;
  }
}
