package dev.muster.fleet.pool;

import dev.muster.fleet.cost.BudgetHold;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.spec.PoolSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that a plan is made from.
 *
 * @param configured whether the config in force has this pool, or its jobs make it
 * @param paused who stopped new launches, as {@code paused by ana (pool)}; empty when nobody did
 * @param overBudget the hold of its environment, whose budget is used up
 * @param stoppable whether the provider can stop a machine and start it again
 * @param waiting queued jobs, the one that waits longest first
 * @param assigned jobs with a runner reserved
 * @param runners those that have not ended, the oldest first
 * @param reserved the facts of jobs that runners are reserved for and that wait no more
 * @param finished since when the runners of assigned jobs say that these have run
 * @param readyAfter the pool's p90 from launch or start to ready
 * @param room how many more runners the appliance's and the provider's limits allow
 * @param failures launches that went wrong since the last that went well
 */
public record PoolView(
    PoolSpec pool,
    boolean configured,
    Optional<String> paused,
    Optional<BudgetHold> overBudget,
    boolean stoppable,
    List<Job> waiting,
    List<Job> assigned,
    List<Runner> runners,
    Map<JobId, JobFacts> reserved,
    Map<JobId, Instant> finished,
    Duration readyAfter,
    int room,
    Failures failures,
    Instant now) {
  /** What is assumed until a pool was measured (SURFACE: smooth transitions). */
  public static final Duration UNMEASURED = Duration.ofMinutes(3);

  public PoolView {
    waiting = List.copyOf(waiting);
    assigned = List.copyOf(assigned);
    runners = List.copyOf(runners);
    reserved = Map.copyOf(reserved);
    finished = Map.copyOf(finished);
  }

  /** The same with the room that there is. */
  PoolView within(int limit) {
    return new PoolView(
        pool,
        configured,
        paused,
        overBudget,
        stoppable,
        waiting,
        assigned,
        runners,
        reserved,
        finished,
        readyAfter,
        limit,
        failures,
        now);
  }

  /**
   * Launches in a row that brought no ready runner.
   *
   * @param last when the last of them ended, empty when there is none
   * @param reason of the last
   */
  public record Failures(int count, Optional<Instant> last, String reason) {
    public static final Failures NONE = new Failures(0, Optional.empty(), "");
  }
}
