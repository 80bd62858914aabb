package dev.muster.fleet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.ScheduleSpec;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What is kept ready and stopped for jobs to come, and how a pool gets from one window's numbers to
 * the next.
 */
class PoolWarmthTest {
  private static final Instant NOON = Instant.parse("2026-03-05T12:00:00Z");
  private static final Duration IDLE = Duration.ofMinutes(30);
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
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

  @Test
  void poolIsReadyWhenAWindowBeginsAndNoneIsStartedSoonerThanTheRampNeeds() {
    PoolSpec pool = pool(0, 0, 10, window("business", DayOfWeek.THURSDAY, "12:00", "18:00", 25));
    for (int offset = 0; offset < 60; offset += 7) {
      NavigableMap<Instant, Integer> launches =
          launches(pool, NOON.minus(Duration.ofMinutes(20)).plusSeconds(offset), NOON);
      assertThat(launches.values()).as("offset %d", offset).containsExactly(5, 10, 10);
      assertThat(launches.lastKey()).as("ready in time").isBeforeOrEqualTo(NOON.minus(P90));
      assertThat(launches.firstKey())
          .as("three looks before they have to be ready")
          .isAfter(NOON.minus(P90).minus(PoolPlanner.REGULAR.multipliedBy(3)));
    }
  }

  @Test
  void slowerPoolIsStartedSooner() {
    PoolSpec pool = pool(0, 0, 10, window("business", DayOfWeek.THURSDAY, "12:00", "18:00", 4));
    Instant from = NOON.minus(Duration.ofMinutes(20));
    for (int minutes : List.of(1, 5, 11)) {
      assertThat(launches(pool, from, NOON, Duration.ofMinutes(minutes)))
          .containsExactly(Map.entry(NOON.minus(Duration.ofMinutes(minutes)), 4));
    }
  }

  @Test
  void whatIsStartedAheadIsExplainedByTheWindowToCome() {
    PoolSpec pool = pool(1, 0, 10, window("business", DayOfWeek.THURSDAY, "12:00", "18:00", 4));
    PoolPlan plan = plan(pool, NOON.minus(P90), many(1, RunnerState.READY));
    assertThat(plan.steps())
        .containsExactly(
            new Step.Launch(3, true, "schedule business wants 4 ready from " + NOON + " on"));
    assertThat(plan.summary()).isEqualTo("The pool wants 1 ready and 0 stopped.");
    assertThat(plan(pool, NOON).steps())
        .containsExactly(new Step.Launch(4, true, "schedule business wants 4 ready"));
    assertThat(plan(pool, NOON).summary())
        .isEqualTo("Schedule business wants 4 ready and 0 stopped.");
  }

  @Test
  void nextLookIsNoLaterThanTheChange() {
    PoolSpec pool = pool(0, 0, 10, window("business", DayOfWeek.THURSDAY, "12:00", "18:00", 4));
    assertThat(plan(pool, NOON.minusSeconds(10)).next()).contains(NOON);
    assertThat(plan(pool(0, 0, 10), NOON).next()).isEmpty();
  }

  @Test
  void stoppedOnesThatTheWindowToComeDoesNotKeepAreNotMadeUpFor() {
    PoolSpec pool = pool(0, 4, 10, window("business", DayOfWeek.THURSDAY, "12:00", "18:00", 4));
    PoolPlan plan = plan(pool, NOON.minus(P90), many(4, RunnerState.STOPPED));
    assertThat(plan.steps()).hasSize(4).allMatch(Step.Start.class::isInstance);
    PoolPlan next = plan(pool, NOON.minus(P90).plusSeconds(60), many(4, RunnerState.STARTING));
    assertThat(next.steps()).isEmpty();
  }

  @Test
  void rampSlowsNoWaitingJob() {
    List<Job> jobs = new ArrayList<>();
    for (int id = 1; id <= 30; id++) {
      jobs.add(PoolPlannerTest.job(id));
    }
    PoolPlan plan = plan(pool(5, 5, 2), NOON, jobs, List.of());
    assertThat(plan.steps())
        .containsExactly(
            new Step.Launch(30, false, "30 jobs wait"),
            new Step.Launch(2, true, "the pool wants 5 ready"));
  }

  @Test
  void surplusAfterAWindowIsStoppedOldestFirstAndEndedOnlyWhenIdle() {
    PoolSpec pool = pool(0, 2, 10, window("business", DayOfWeek.THURSDAY, "08:00", "12:00", 9));
    List<Runner> runners = new ArrayList<>(many(5, RunnerState.READY));
    runners.add(runner(6, RunnerState.BUSY));
    runners.replaceAll(r -> since(r, NOON.minusSeconds(60L * (10 - number(r)))));
    PoolPlan during = plan(pool, NOON.minusSeconds(1), runners);
    assertThat(during.steps())
        .containsExactly(new Step.Launch(4, true, "schedule business wants 9 ready"));

    PoolPlan after = plan(pool, NOON, runners);
    String why = "the pool wants 0 ready and 2 stopped";
    assertThat(after.steps())
        .containsExactly(
            new Step.Stop(runners.get(0).id(), why), new Step.Stop(runners.get(1).id(), why));

    List<Runner> rest = new ArrayList<>(runners);
    rest.set(0, as(RunnerState.STOPPED, runners.get(0)));
    rest.set(1, as(RunnerState.STOPPING, runners.get(1)));
    Instant idle = runners.get(2).since().plus(IDLE);
    PoolPlan early = plan(pool, idle.minusSeconds(1), rest);
    assertThat(early.steps()).isEmpty();
    assertThat(early.next()).as("when the next one has been idle for long enough").contains(idle);
    assertThat(plan(pool, idle, rest).steps())
        .containsExactly(
            new Step.Terminate(runners.get(2).id(), "idle for 30 min, and the pool wants 0 ready"));
  }

  @Test
  void readyOnesAreNotStoppedForThoseThatAreStillComing() {
    List<Runner> runners = new ArrayList<>(many(2, RunnerState.READY));
    for (int number = 3; number <= 5; number++) {
      runners.add(runner(number, RunnerState.BOOTING));
    }
    assertThat(plan(pool(2, 3, 10), NOON, runners).steps()).isEmpty();
    runners.replaceAll(r -> as(RunnerState.READY, r));
    assertThat(plan(pool(2, 3, 10), NOON, runners).steps())
        .hasSize(3)
        .allMatch(Step.Stop.class::isInstance);
  }

  @Test
  void readySurplusFillsTheStoppedOnesBeforeNewOnesAreLaunched() {
    List<Runner> ready = many(3, RunnerState.READY);
    assertThat(plan(pool(1, 4, 10), NOON, ready).steps())
        .containsExactly(
            new Step.Stop(ready.get(0).id(), "the pool wants 1 ready and 4 stopped"),
            new Step.Stop(ready.get(1).id(), "the pool wants 1 ready and 4 stopped"),
            new Step.Launch(2, true, "the pool wants 4 stopped"));
  }

  @Test
  void stoppedOnesOverTheNumberAreEndedOldestFirst() {
    List<Runner> stopped = many(3, RunnerState.STOPPED);
    assertThat(plan(pool(0, 1, 10), NOON, stopped).steps())
        .containsExactly(
            new Step.Terminate(stopped.get(0).id(), "the pool wants 1 stopped"),
            new Step.Terminate(stopped.get(1).id(), "the pool wants 1 stopped"));
  }

  @Test
  void nightIsOneWindowAcrossMidnight() {
    ScheduleSpec night = window("night", DayOfWeek.THURSDAY, "22:30", "04:00", 2);
    PoolSpec pool = pool(0, 0, 10, night);
    List<Runner> ready = many(2, RunnerState.READY);
    ready.replaceAll(r -> since(r, Instant.parse("2026-03-05T22:30:00Z")));
    Instant midnight = Instant.parse("2026-03-06T00:00:00Z");
    for (Instant at : List.of(midnight.minusSeconds(1), midnight, midnight.plusSeconds(1))) {
      assertThat(plan(pool, at, ready).steps()).as(at.toString()).isEmpty();
      assertThat(plan(pool, at).steps())
          .as(at.toString())
          .containsExactly(new Step.Launch(2, true, "schedule night wants 2 ready"));
    }
    Instant end = Instant.parse("2026-03-06T04:00:00Z");
    assertThat(plan(pool, end.minusSeconds(1), ready).steps()).isEmpty();
    assertThat(plan(pool, end, ready).steps())
        .extracting(Step::reason)
        .containsExactly(
            "idle for 30 min, and the pool wants 0 ready",
            "idle for 30 min, and the pool wants 0 ready");
    Instant nextEvening = Instant.parse("2026-03-06T23:00:00Z");
    assertThat(plan(pool, nextEvening).steps()).as("Friday's night is nobody's").isEmpty();
  }

  @Test
  void windowThatStartsInTheGapOfTheClocksIsPreparedForTheGapsEnd() {
    // 2026-03-29 in Berlin: 02:00 becomes 03:00, at 01:00 UTC.
    PoolSpec pool = pool(BERLIN, 0, 0, 10, window("early", DayOfWeek.SUNDAY, "02:30", "05:00", 3));
    Instant gap = Instant.parse("2026-03-29T01:00:00Z");
    assertThat(launches(pool, gap.minus(Duration.ofMinutes(30)), gap))
        .containsExactly(Map.entry(gap.minus(P90), 3));
    List<Runner> ready = many(3, RunnerState.READY);
    ready.replaceAll(r -> since(r, gap));
    Instant end = Instant.parse("2026-03-29T03:00:00Z"); // 05:00
    assertThat(plan(pool, end.minusSeconds(1), ready).steps()).isEmpty();
    assertThat(plan(pool, end, ready).steps())
        .hasSize(3)
        .allMatch(Step.Terminate.class::isInstance);
  }

  @Test
  void windowInTheHourThatIsThereTwiceKeepsItsRunnersThroughBoth() {
    // 2026-10-25 in Berlin: 03:00 becomes 02:00, at 01:00 UTC.
    PoolSpec pool = pool(BERLIN, 0, 0, 10, window("twice", DayOfWeek.SUNDAY, "02:00", "03:00", 3));
    Instant first = Instant.parse("2026-10-25T00:00:00Z");
    List<Runner> ready = many(3, RunnerState.READY);
    ready.replaceAll(r -> since(r, first));
    for (int minute = 0; minute < 120; minute += 5) {
      Instant at = first.plus(Duration.ofMinutes(minute));
      assertThat(plan(pool, at, ready).steps()).as(at.toString()).isEmpty();
      assertThat(launched(plan(pool, at))).as(at.toString()).isEqualTo(3);
    }
    assertThat(plan(pool, first.plus(Duration.ofHours(2)), ready).steps())
        .hasSize(3)
        .allMatch(Step.Terminate.class::isInstance);
  }

  @Test
  void nightOfTheChangeOfClocksEndsByTheClockOnTheWall() {
    ScheduleSpec night = window("night", DayOfWeek.SATURDAY, "22:00", "06:00", 1);
    PoolSpec pool = pool(BERLIN, 0, 0, 10, night);
    for (String end : List.of("2026-03-29T04:00:00Z", "2026-10-25T05:00:00Z")) {
      Instant at = Instant.parse(end);
      assertThat(launched(plan(pool, at.minusSeconds(1)))).as(end).isEqualTo(1);
      assertThat(launched(plan(pool, at))).as(end).isZero();
    }
  }

  /** What is launched when a pool is looked at regularly, as long as nothing becomes ready. */
  private static NavigableMap<Instant, Integer> launches(PoolSpec pool, Instant from, Instant to) {
    return launches(pool, from, to, P90);
  }

  private static NavigableMap<Instant, Integer> launches(
      PoolSpec pool, Instant from, Instant to, Duration readyAfter) {
    NavigableMap<Instant, Integer> launches = new TreeMap<>();
    List<Runner> runners = new ArrayList<>();
    for (Instant at = from; at.isBefore(to); at = at.plus(PoolPlanner.REGULAR)) {
      int count = launched(plan(pool, at, List.of(), runners, readyAfter));
      if (count > 0) {
        launches.put(at, count);
      }
      for (int i = 0; i < count; i++) {
        runners.add(runner(runners.size() + 1, RunnerState.BOOTING));
      }
    }
    return launches;
  }

  private static int launched(PoolPlan plan) {
    return plan.steps().stream()
        .mapToInt(step -> step instanceof Step.Launch launch ? launch.count() : 0)
        .sum();
  }

  private static ScheduleSpec window(
      String name, DayOfWeek day, String start, String end, int running) {
    return new ScheduleSpec(
        name, EnumSet.of(day), LocalTime.parse(start), LocalTime.parse(end), running, 0);
  }

  private static int number(Runner runner) {
    return Integer.parseInt(runner.id().value().substring("muster-".length()));
  }

  private static Runner since(Runner runner, Instant since) {
    return with(runner, runner.state(), since);
  }

  private static Runner as(RunnerState state, Runner runner) {
    return with(runner, state, runner.since());
  }

  private static Runner with(Runner runner, RunnerState state, Instant since) {
    return new Runner(
        runner.id(),
        runner.origin(),
        state,
        since,
        runner.deadline(),
        runner.instance(),
        runner.reservation(),
        runner.reason(),
        runner.version());
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
    return plan(pool, now, List.of(), runners);
  }

  private static PoolPlan plan(
      PoolSpec pool, Instant now, List<Job> waiting, List<Runner> runners) {
    return plan(pool, now, waiting, runners, P90);
  }

  private static PoolPlan plan(
      PoolSpec pool, Instant now, List<Job> waiting, List<Runner> runners, Duration readyAfter) {
    return PoolPlanner.plan(
        new PoolView(
            pool,
            true,
            Optional.empty(),
            Optional.empty(),
            true,
            waiting,
            List.of(),
            runners,
            Map.of(),
            Map.of(),
            readyAfter,
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
        IDLE,
        zone,
        List.of(schedules),
        ramp,
        false);
  }
}
