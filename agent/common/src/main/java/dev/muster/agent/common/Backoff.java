package dev.muster.agent.common;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Growing pauses between failed calls. Each is drawn from the upper half of its step, so that the
 * agents of a whole fleet do not return in one wave when their appliance is back.
 */
final class Backoff {
  private final Limits limits;
  private final RandomGenerator random;
  private Duration step;

  Backoff(Limits limits, RandomGenerator random) {
    this.limits = limits;
    this.random = random;
    this.step = limits.firstRetry();
  }

  Duration next() {
    long nanos = step.toNanos();
    Duration doubled = step.multipliedBy(2);
    step = doubled.compareTo(limits.longestRetry()) < 0 ? doubled : limits.longestRetry();
    return Duration.ofNanos(nanos / 2 + random.nextLong(nanos / 2 + 1));
  }

  void reset() {
    step = limits.firstRetry();
  }
}
