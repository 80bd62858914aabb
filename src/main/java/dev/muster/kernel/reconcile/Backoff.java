package dev.muster.kernel.reconcile;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with equal jitter: half of the step is certain, half is random, so that keys
 * that failed together do not return together.
 */
public record Backoff(Duration first, Duration ceiling) {
  public static final Backoff STANDARD = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5));

  /** The wait before the try that follows {@code failures} failures (at least 1). */
  public Duration after(int failures, RandomGenerator random) {
    int doublings = Math.min(Math.max(failures, 1) - 1, 30);
    long step = Math.min(ceiling.toMillis(), first.toMillis() << doublings);
    return Duration.ofMillis(step / 2 + random.nextLong(step / 2 + 1));
  }
}
