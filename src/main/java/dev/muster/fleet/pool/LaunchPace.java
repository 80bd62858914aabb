package dev.muster.fleet.pool;

import dev.muster.fleet.runner.Runner;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Joins the launches of a burst: a few are made at once, and while more keep coming, one every half
 * second, for as many runners as were asked for meanwhile.
 *
 * @param until when the next launch is made; empty when it may be made now
 */
record LaunchPace(Optional<Instant> until) {
  private static final int AT_ONCE = 3;
  private static final Duration LATELY = Duration.ofSeconds(5);
  private static final Duration INTERVAL = Duration.ofMillis(500);

  static LaunchPace of(List<Runner> runners, Instant now) {
    Instant since = now.minus(LATELY);
    List<Instant> launches =
        runners.stream()
            .map(runner -> runner.origin().createdAt())
            .filter(at -> at.isAfter(since))
            .distinct()
            .sorted()
            .toList();
    if (launches.size() < AT_ONCE) {
      return new LaunchPace(Optional.empty());
    }
    Instant next = launches.getLast().plus(INTERVAL);
    return new LaunchPace(next.isAfter(now) ? Optional.of(next) : Optional.empty());
  }

  boolean allows() {
    return until.isEmpty();
  }
}
