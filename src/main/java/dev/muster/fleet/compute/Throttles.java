package dev.muster.fleet.compute;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Which clouds told us lately to slow down; for the page. Forgotten by a restart. */
public final class Throttles {
  private static final Duration LATELY = Duration.ofMinutes(10);

  private record Key(String provider, String region) {}

  /**
   * A region that throttles.
   *
   * @param count of answers since it began
   * @param operation the last that was refused
   */
  public record Throttle(
      String provider, String region, Instant since, Instant last, long count, String operation) {
    private Throttle again(Instant now, String what) {
      return new Throttle(provider, region, since, now, count + 1, what);
    }

    private boolean over(Instant now) {
      return last.isBefore(now.minus(LATELY));
    }
  }

  private final InstantSource clock;
  private final Map<Key, Throttle> seen = new ConcurrentHashMap<>();

  public Throttles(InstantSource clock) {
    this.clock = clock;
  }

  /** A call was refused because there were too many. */
  public void throttled(String provider, String region, String operation) {
    Instant now = clock.instant();
    seen.compute(
        new Key(provider, region),
        (key, last) ->
            last == null || last.over(now)
                ? new Throttle(provider, region, now, now, 1, operation)
                : last.again(now, operation));
  }

  /** Those of the last ten minutes. */
  public List<Throttle> lately() {
    Instant now = clock.instant();
    return seen.values().stream().filter(throttle -> !throttle.over(now)).toList();
  }
}
