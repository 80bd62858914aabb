package dev.muster.fleet.spec;

import java.time.Duration;
import java.time.ZoneId;
import java.util.List;

/**
 * A pool of runners of one spec in one place.
 *
 * @param environment the name of its environment
 * @param desiredRunning ready runners to keep outside of every schedule
 * @param desiredStopped stopped runners to keep outside of every schedule
 * @param max runners of every state at a time
 * @param idleTimeout how long a ready runner over the desired number is kept
 * @param ramp the most runners that are started for warmth in one reconcile
 * @param adHoc made for jobs whose spec no configured pool keeps; nothing is kept warm
 */
public record PoolSpec(
    String name,
    RunnerSpec runner,
    String environment,
    String region,
    int desiredRunning,
    int desiredStopped,
    int max,
    Duration idleTimeout,
    ZoneId zone,
    List<ScheduleSpec> schedules,
    int ramp,
    boolean adHoc) {
  public PoolSpec {
    schedules = List.copyOf(schedules);
  }

  /** The same with nothing kept warm, as where another region keeps it. */
  public PoolSpec cold() {
    return new PoolSpec(
        name, runner, environment, region, 0, 0, max, idleTimeout, zone, List.of(), ramp, adHoc);
  }
}
