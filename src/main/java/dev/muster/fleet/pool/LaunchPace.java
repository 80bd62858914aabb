package dev.muster.fleet.pool;

import dev.muster.fleet.runner.Runner;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Joins the launches of a burst. A pool looks at its jobs 50 ms after the first of them, and so a
 * few jobs are one launch; where many runners were launched within the last second, the next launch
 * waits for more jobs to join it.
 *
 * @param until when the next launch is made; empty when it may be made now
 */
record LaunchPace(Optional<Instant> until) {
  private static final int MANY = 50;
  private static final Duration LATELY = Duration.ofSeconds(1);
  private static final Duration INTERVAL = Duration.ofMillis(400);

  static LaunchPace of(List<Runner> runners, Instant now) {
    Instant since = now.minus(LATELY);
    List<Instant> lately =
        runners.stream()
            .map(runner -> runner.origin().createdAt())
            .filter(at -> at.isAfter(since))
            .toList();
    if (lately.size() < MANY) {
      return new LaunchPace(Optional.empty());
    }
    Instant next = lately.stream().max(Instant::compareTo).orElseThrow().plus(INTERVAL);
    return new LaunchPace(next.isAfter(now) ? Optional.of(next) : Optional.empty());
  }

  boolean allows() {
    return until.isEmpty();
  }
}
