package dev.muster.fleet.runner;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** How the last launches of a pool went, for judging the next. */
public final class LaunchHistory {
  /** How the reason of a runner begins to which GitHub gave no registration. */
  static final String REFUSED = "it could not be registered: ";

  /** Runners of a pool among which its newest launches are looked for. */
  private static final int MOST_JUDGED = 300;

  private LaunchHistory() {}

  /**
   * How a launch went so far.
   *
   * @param ready how many of its runners were ready once
   * @param open how many may yet become ready
   * @param at when the last of its runners changed
   * @param reason of one of its runners
   */
  public record Attempt(long ready, long open, Instant at, String reason) {
    private Attempt and(Attempt other) {
      return new Attempt(
          ready + other.ready,
          open + other.open,
          at.isAfter(other.at) ? at : other.at,
          reason.compareTo(other.reason) >= 0 ? reason : other.reason);
    }
  }

  /**
   * The newest launches of a pool, the newest first, for judging the next. A runner that was given
   * up before it was ready, without having failed, says nothing of its launch and is left out. One
   * that GitHub refused to register was ready in vain: the next would be, too.
   */
  public static List<Attempt> attempts(Read read, String pool, int limit) {
    // Of the newest alone: a grouping in SQL would go through all that a pool ever had.
    Map<String, Attempt> launches = new LinkedHashMap<>();
    read.all(
            """
            select launch, ready_seconds, since, state, reason from runner use index (runner_made)
            where pool = ?
              and not (ready_seconds is null and state in ('TERMINATED', 'TERMINATING')
                and exists (select 1 from runner_event e where e.runner = id and e.event = 'terminating')
                and not exists (select 1 from runner_event e where e.runner = id and e.event = 'failed'))
            order by pool desc, created_at desc limit ?
            """,
            row -> Map.entry(row.text("launch"), attempt(row)),
            pool,
            MOST_JUDGED)
        .forEach(one -> launches.merge(one.getKey(), one.getValue(), Attempt::and));
    return launches.values().stream().limit(limit).toList();
  }

  private static Attempt attempt(Row row) {
    String reason = Objects.requireNonNullElse(row.textOrNull("reason"), "");
    boolean ready = row.numberOrNull("ready_seconds") != null && !reason.startsWith(REFUSED);
    boolean open = RunnerState.valueOf(row.text("state")).alive();
    return new Attempt(ready ? 1 : 0, open ? 1 : 0, row.instant("since"), reason);
  }

  /** The p90 of the last fifty times from launch or start to ready in a pool. */
  public static Optional<Duration> readyAfter(Read read, String pool) {
    List<Long> seconds =
        read.all(
            """
            select ready_seconds from runner where pool = ? and ready_seconds is not null
            order by pool desc, created_at desc limit 50
            """,
            row -> row.number("ready_seconds"),
            pool);
    if (seconds.size() < 3) {
      return Optional.empty();
    }
    List<Long> sorted = seconds.stream().sorted().toList();
    return Optional.of(Duration.ofSeconds(sorted.get((int) Math.ceil(sorted.size() * 0.9) - 1)));
  }
}
