package dev.muster.fleet.github;

import dev.muster.kernel.reconcile.TransientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * GitHub's request limits as last seen. Each credential has an hour's requests, and apart from them
 * those of some kinds, as runner registrations; the answers tell which kind a call was. Calls that
 * can wait are held back when less than a tenth is left; all are while GitHub has asked for a
 * pause.
 */
final class RateBudget {
  /** What most calls count against. */
  static final String CORE = "core";

  private static final int RESERVE_SHARE = 10;

  /** GitHub's advice for a secondary limit that comes without a time. */
  static final Duration SECONDARY_PAUSE = Duration.ofMinutes(1);

  private record Seen(long limit, long remaining, Instant reset) {
    boolean low() {
      return remaining * RESERVE_SHARE < limit;
    }
  }

  private final InstantSource clock;
  private final Map<String, Seen> seen = new ConcurrentHashMap<>();
  private final Map<Operation, String> resources = new ConcurrentHashMap<>();
  private final Map<String, Instant> pauses = new ConcurrentHashMap<>();

  RateBudget(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Lets a call pass.
   *
   * @throws TransientException with the time to wait when it must be held back
   */
  void admit(String budget, Call call) {
    Instant now = clock.instant();
    Instant pause = pauses.getOrDefault(budget, Instant.MIN);
    if (pause.isAfter(now)) {
      throw held(call, "GitHub has asked for a pause", Duration.between(now, pause));
    }
    if (!resources.containsKey(call.operation()) && !call.operation().yields()) {
      return; // which hour it counts against shows when it was tried once
    }
    Seen last = seen.get(key(budget, call.operation()));
    if (last != null && last.reset().isAfter(now)) {
      Duration wait = Duration.between(now, last.reset());
      if (last.remaining() <= 0) {
        throw held(call, "this hour's requests are used up", wait);
      }
      if (call.operation().yields() && last.low()) {
        throw held(call, "less than a tenth of this hour's requests is left", wait);
      }
    }
  }

  void observe(
      String budget,
      Operation operation,
      String resource,
      OptionalLong limit,
      OptionalLong remaining,
      OptionalLong reset) {
    resources.put(operation, resource);
    if (limit.isPresent() && remaining.isPresent() && reset.isPresent()) {
      Instant until = Instant.ofEpochSecond(reset.getAsLong());
      seen.put(key(budget, operation), new Seen(limit.getAsLong(), remaining.getAsLong(), until));
    }
  }

  /** No call of this budget goes out before {@code wait} is over. */
  void pause(String budget, Duration wait) {
    pauses.merge(budget, clock.instant().plus(wait), (a, b) -> a.isAfter(b) ? a : b);
  }

  /** Until when the hour's requests are used up, if they are. */
  Optional<Duration> exhausted(String budget, Operation operation) {
    Instant now = clock.instant();
    return Optional.ofNullable(seen.get(key(budget, operation)))
        .filter(last -> last.remaining() <= 0 && last.reset().isAfter(now))
        .map(last -> Duration.between(now, last.reset()));
  }

  private String key(String budget, Operation operation) {
    return budget + " " + resources.getOrDefault(operation, CORE);
  }

  private static TransientException held(Call call, String why, Duration wait) {
    return new TransientException(
        "GitHub: %s is held back for %d s: %s"
            .formatted(call, wait.plusMillis(999).toSeconds(), why),
        null,
        wait);
  }
}
