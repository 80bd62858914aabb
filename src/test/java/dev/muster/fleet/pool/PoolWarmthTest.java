package dev.muster.fleet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.ScheduleSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * What is kept ready and stopped for jobs to come, and how a pool gets from one window's numbers to
 * the next.
 */
class PoolWarmthTest {
  private static final Instant NOON = Instant.parse("2026-03-05T12:00:00Z");
  private static final Duration P90 = Duration.ofMinutes(5);

  @Test
  void readyAndStoppedOnesShareTheRamp() {
    PoolSpec pool = pool(10, 10, 10);
    assertThat(plan(pool, NOON).steps())
        .containsExactly(new Step.Launch(10, true, "the pool wants 10 ready"));
    assertThat(plan(pool, NOON, many(10, RunnerState.BOOTING)).steps())
        .containsExactly(new Step.Launch(10, true, "the pool wants 10 stopped"));
    assertThat(plan(pool, NOON, many(20, RunnerState.BOOTING)).steps()).isEmpty();
  }

  @Test
  void startOfAStoppedOneCountsTowardsTheRamp() {
    List<Runner> stopped = many(4, RunnerState.STOPPED);
    PoolPlan plan = plan(pool(4, 4, 5), NOON, stopped);
    assertThat(plan.steps()).filteredOn(Step.Start.class::isInstance).hasSize(4);
    assertThat(plan.steps())
        .filteredOn(Step.Launch.class::isInstance)
        .containsExactly(new Step.Launch(1, true, "the pool wants 4 stopped"));
  }

  private static List<Runner> many(int count, RunnerState state) {
    List<Runner> runners = new ArrayList<>();
    for (int number = 1; number <= count; number++) {
      runners.add(runner(number, state));
    }
    return runners;
  }

  private static Runner runner(int number, RunnerState state) {
    return PoolPlannerTest.runner(number, state, PoolPlannerTest.SPEC.hash());
  }

  private static PoolPlan plan(PoolSpec pool, Instant now) {
    return plan(pool, now, List.of());
  }

  private static PoolPlan plan(PoolSpec pool, Instant now, List<Runner> runners) {
    return PoolPlanner.plan(
        new PoolView(
            pool,
            true,
            Optional.empty(),
            Optional.empty(),
            true,
            List.of(),
            List.of(),
            runners,
            Map.of(),
            Map.of(),
            P90,
            1_000,
            PoolView.Failures.NONE,
            now));
  }

  private static PoolSpec pool(int running, int stopped, int ramp, ScheduleSpec... schedules) {
    return pool(ZoneId.of("UTC"), running, stopped, ramp, schedules);
  }

  private static PoolSpec pool(
      ZoneId zone, int running, int stopped, int ramp, ScheduleSpec... schedules) {
    return new PoolSpec(
        "default",
        PoolPlannerTest.SPEC,
        "dev",
        "local",
        running,
        stopped,
        500,
        Duration.ofMinutes(30),
        zone,
        List.of(schedules),
        ramp,
        false);
  }
}
