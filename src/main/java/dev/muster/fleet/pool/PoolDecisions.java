package dev.muster.fleet.pool;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What was decided about pools, and why: the answer to {@code muster why pool}. */
public final class PoolDecisions {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** More lines than this say no more. */
  private static final int MOST_LINES = 200;

  private PoolDecisions() {}

  /**
   * One decision.
   *
   * @param lines one per step, and one per job that waits
   */
  public record Decision(long sequence, Instant at, String summary, List<String> lines) {
    public Decision {
      lines = List.copyOf(lines);
    }
  }

  /** Stores a plan. */
  static void record(Tx tx, String pool, PoolPlan plan, Instant now) {
    tx.update(
        "insert into pool_decision (pool, at, summary, detail) values (?, ?, ?, ?)",
        pool,
        now,
        cut(plan.summary()),
        write(lines(plan)));
  }

  /** Whether a plan says something else than the last one that was stored. */
  static boolean news(Read read, String pool, PoolPlan plan) {
    return !plan.steps().isEmpty()
        || newest(read, pool, 1).stream().findFirst().map(d -> differs(d, plan)).orElse(true);
  }

  private static boolean differs(Decision last, PoolPlan plan) {
    return !last.summary().equals(cut(plan.summary()));
  }

  private static String cut(String text) {
    return text.length() <= 2_000 ? text : text.substring(0, 2_000);
  }

  private static List<String> lines(PoolPlan plan) {
    List<String> lines = new ArrayList<>();
    plan.steps().forEach(step -> lines.add(line(step)));
    Map<Long, String> waits = new TreeMap<>();
    plan.waitingFor().forEach((job, reason) -> waits.put(job.value(), reason));
    waits.forEach((job, reason) -> lines.add("job " + job + " waits: " + reason));
    return lines.size() <= MOST_LINES ? lines : lines.subList(0, MOST_LINES);
  }

  private static String line(Step step) {
    return switch (step) {
      case Step.Assign(var runner, var job, String reason) ->
          "assign runner " + runner + " to job " + job + ": " + reason;
      case Step.Rebind(var runner, var job, String reason) ->
          "keep runner " + runner + " for job " + job + ": " + reason;
      case Step.Return(var job, String reason) -> "put job " + job + " back: " + reason;
      case Step.Place(var job, String reason) -> "place job " + job + " anew: " + reason;
      case Step.Start(var runner, String reason) -> "start runner " + runner + ": " + reason;
      case Step.Launch(int count, boolean warm, String reason) ->
          "launch " + count + (count == 1 ? " runner: " : " runners: ") + reason;
      case Step.Stop(var runner, String reason) -> "stop runner " + runner + ": " + reason;
      case Step.Release(var runner, String reason) ->
          "take runner " + runner + " off GitHub: " + reason;
      case Step.Terminate(var runner, String reason) ->
          "terminate runner " + runner + ": " + reason;
    };
  }

  /** Removes up to {@code limit} decisions from before {@code before}. */
  public static int remove(Tx tx, Instant before, int limit) {
    List<Long> old =
        tx
            .all(
                "select sequence, at from pool_decision order by sequence limit ?",
                row -> Map.entry(row.number("sequence"), row.instant("at")),
                limit)
            .stream()
            .takeWhile(decision -> decision.getValue().isBefore(before)) // made in this order
            .map(Map.Entry::getKey)
            .toList();
    return old.isEmpty()
        ? 0
        : tx.update("delete from pool_decision where sequence <= ?", old.getLast());
  }

  /** The newest decisions about a pool, the newest first. */
  public static List<Decision> newest(Read read, String pool, int limit) {
    return read.all(
        "select * from pool_decision where pool = ? order by pool desc, sequence desc limit ?",
        row ->
            new Decision(
                row.number("sequence"),
                row.instant("at"),
                row.text("summary"),
                parse(row.text("detail"))),
        pool,
        limit);
  }

  /** The newest summary of each pool. */
  public static Map<String, String> summaries(Read read) {
    Map<String, String> summaries = new TreeMap<>();
    read.all(
            """
            select pool, summary from pool_decision
            where sequence in (select max(sequence) from pool_decision group by pool)
            """,
            row -> Map.entry(row.text("pool"), row.text("summary")))
        .forEach(e -> summaries.put(e.getKey(), e.getValue()));
    return summaries;
  }

  /** The newest decision about a pool that speaks of a job. */
  public static Optional<String> about(Read read, String pool, long job) {
    String mark = "job " + job + " waits: ";
    return newest(read, pool, 20).stream()
        .flatMap(d -> d.lines().stream())
        .filter(line -> line.startsWith(mark))
        .map(line -> line.substring(mark.length()))
        .findFirst();
  }

  private static String write(List<String> lines) {
    try {
      return JSON.writeValueAsString(lines);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A list of strings can always be written", e);
    }
  }

  private static List<String> parse(String detail) {
    try {
      return List.of(JSON.readValue(detail, String[].class));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A pool's decision is damaged in the database", e);
    }
  }
}
