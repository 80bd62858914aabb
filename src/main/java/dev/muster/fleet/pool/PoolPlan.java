package dev.muster.fleet.pool;

import dev.muster.fleet.job.JobId;
import dev.muster.fleet.schedule.Desired;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to do about a pool now.
 *
 * @param desired what its schedule wants now
 * @param summary one sentence: why the pool is as it is
 * @param waitingFor what each job that gets no runner now waits for
 * @param next when to look again even if nothing happens, besides the regular look
 */
public record PoolPlan(
    Desired desired,
    List<Step> steps,
    String summary,
    Map<JobId, String> waitingFor,
    Optional<Instant> next) {
  public PoolPlan {
    steps = List.copyOf(steps);
    waitingFor = Map.copyOf(waitingFor);
  }
}
