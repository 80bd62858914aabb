package dev.muster.fleet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.cost.BudgetHold;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobEvent;
import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobTransition;
import dev.muster.fleet.job.Placement;
import dev.muster.fleet.runner.LaunchId;
import dev.muster.fleet.runner.Reservation;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerOrigin;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.RunnerSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PoolPlannerTest {
  private static final Instant NOW = Instant.parse("2026-03-04T12:00:00Z");
  static final RunnerSpec SPEC = RunnerSpec.forgotten("here", "local");
  private static final PoolView.Failures NONE = PoolView.Failures.NONE;
  private static final BudgetHold OVER =
      new BudgetHold("environment dev has spent its budget", NOW.plus(Duration.ofDays(3)));

  @Test
  void jobTakesAReadyRunnerThenAStoppedOneThenANewOne() {
    List<Runner> runners =
        List.of(
            runner(1, RunnerState.READY, SPEC.hash()), runner(2, RunnerState.STOPPED, SPEC.hash()));
    PoolPlan plan =
        PoolPlanner.plan(view(pool(0, 0, 10, false), true, jobs(3), List.of(), runners, 10, NONE));
    assertThat(plan.steps().get(0)).isInstanceOf(Step.Assign.class);
    assertThat(((Step.Assign) plan.steps().get(0)).job()).isEqualTo(new JobId(1));
    assertThat(plan.steps().get(1)).isInstanceOf(Step.Start.class);
    assertThat(launched(plan)).isEqualTo(1);
  }

  @Test
  void runnersThatAreComingAreCountedBeforeNewOnesAreLaunched() {
    List<Runner> runners =
        List.of(
            runner(1, RunnerState.BOOTING, SPEC.hash()),
            runner(2, RunnerState.PLANNED, SPEC.hash()));
    PoolPlan plan =
        PoolPlanner.plan(view(pool(0, 0, 10, false), true, jobs(2), List.of(), runners, 10, NONE));
    assertThat(launched(plan)).isZero();
    assertThat(plan.waitingFor().values()).allMatch(why -> why.contains("runner "));
  }

  @Test
  void jobDoesNotWaitForANewMachineOfThePoolWhileOneIsStopped() {
    List<Runner> runners =
        List.of(
            runner(1, RunnerState.BOOTING, SPEC.hash()),
            runner(2, RunnerState.STOPPED, SPEC.hash()));
    PoolPlan plan =
        PoolPlanner.plan(view(pool(0, 2, 10, false), true, jobs(1), List.of(), runners, 10, NONE));
    assertThat(plan.steps()).filteredOn(Step.Start.class::isInstance).hasSize(1);
    assertThat(launched(plan)).as("what was started is made up for").isEqualTo(1);
    List<Runner> started =
        List.of(
            runner(1, RunnerState.BOOTING, SPEC.hash()),
            runner(2, RunnerState.STARTING, SPEC.hash()),
            runner(3, RunnerState.STOPPED, SPEC.hash()));
    PoolPlan next =
        PoolPlanner.plan(view(pool(0, 2, 10, false), true, jobs(1), List.of(), started, 10, NONE));
    assertThat(next.steps()).as("one start is enough").isEmpty();
  }

  @Test
  void busyRunnersAreRefilledAndNotCounted() {
    List<Runner> runners =
        List.of(
            runner(1, RunnerState.BUSY, SPEC.hash()), runner(2, RunnerState.READY, SPEC.hash()));
    PoolPlan plan =
        PoolPlanner.plan(
            view(pool(2, 0, 10, false), true, List.of(), List.of(), runners, 10, NONE));
    assertThat(launched(plan)).isEqualTo(1);
  }

  @Test
  void fullPoolSaysSo() {
    PoolPlan plan =
        PoolPlanner.plan(
            view(
                pool(0, 0, 1, false),
                true,
                jobs(1),
                List.of(),
                List.of(runner(9, RunnerState.BUSY, SPEC.hash())),
                10,
                NONE));
    assertThat(launched(plan)).isZero();
    assertThat(plan.waitingFor().get(new JobId(1))).contains("maximum of 1");
  }

  @Test
  void assignedRunnerOfAPoolThatGoesAwayIsNotDrainedInTheSameLook() {
    for (boolean adHoc : List.of(true, false)) {
      PoolPlan plan =
          PoolPlanner.plan(
              view(
                  pool(0, 0, 10, adHoc),
                  adHoc,
                  jobs(1),
                  List.of(),
                  List.of(runner(1, RunnerState.READY, SPEC.hash())),
                  10,
                  NONE));
      assertThat(plan.steps()).hasSize(1).first().isInstanceOf(Step.Assign.class);
    }
  }

  @Test
  void afterFailuresOneLaunchIsTriedAndNoSecondWhileItIsUnderWay() {
    PoolView.Failures failures =
        new PoolView.Failures(3, Optional.of(NOW.minusSeconds(120)), "no capacity");
    PoolPlan first =
        PoolPlanner.plan(
            view(pool(5, 0, 20, false), true, jobs(4), List.of(), List.of(), 20, failures));
    assertThat(launched(first)).isEqualTo(1);
    assertThat(first.waitingFor()).hasSize(4);
    assertThat(first.waitingFor().get(new JobId(4))).contains("tried");
    PoolPlan second =
        PoolPlanner.plan(
            view(
                pool(5, 0, 20, false),
                true,
                jobs(4),
                List.of(),
                List.of(runner(1, RunnerState.BOOTING, SPEC.hash())),
                20,
                failures));
    assertThat(launched(second)).isZero();

    PoolView.Failures fresh =
        new PoolView.Failures(3, Optional.of(NOW.minusSeconds(10)), "no capacity");
    PoolPlan held =
        PoolPlanner.plan(
            view(pool(0, 0, 20, false), true, jobs(1), List.of(), List.of(), 20, fresh));
    assertThat(launched(held)).isZero();
    assertThat(held.waitingFor().get(new JobId(1))).contains("no capacity");
    assertThat(held.next()).contains(NOW.plusSeconds(50));
  }

  @Test
  void anyPlanOfAnyPoolKeepsThePromises() {
    Random random = new Random(5);
    Set<RunnerState> none = EnumSet.of(RunnerState.TERMINATED);
    List<RunnerState> states = List.copyOf(EnumSet.complementOf(EnumSet.copyOf(none)));
    for (int round = 0; round < 3_000; round++) {
      List<Job> waiting = new ArrayList<>(jobs(random.nextInt(6)));
      waiting.replaceAll(job -> random.nextInt(4) == 0 ? placed("prod", job) : job);
      List<Runner> runners = new ArrayList<>();
      List<Job> assigned = new ArrayList<>();
      Map<JobId, JobFacts> reserved = new HashMap<>();
      for (int i = 0; i < random.nextInt(9); i++) {
        RunnerState state = states.get(random.nextInt(states.size()));
        String environment = random.nextInt(3) == 0 ? "prod" : "dev";
        Runner runner =
            in(environment, runner(i, state, random.nextInt(5) == 0 ? "older" : SPEC.hash()));
        runners.add(runner);
        runner
            .reservation()
            .map(Reservation::job)
            .ifPresent(meant -> {
              Job job = placed(environment, job(meant.value()));
              if (random.nextBoolean()) {
                assigned.add(
                    JobTransition.apply(job, new JobEvent.Assigned(runner.id().value(), "n"), NOW)
                        .job());
              } else {
                reserved.put(meant, job.facts());
              }
            });
      }
      boolean adHoc = random.nextInt(4) == 0;
      PoolSpec pool = pool(random.nextInt(4), random.nextInt(3), random.nextInt(12), adHoc);
      int room = random.nextInt(8);
      PoolView.Failures failures =
          random.nextInt(4) > 0
              ? NONE
              : new PoolView.Failures(
                  3 + random.nextInt(3), Optional.of(NOW.minusSeconds(random.nextInt(900))), "why");
      PoolView view =
          new PoolView(
              pool,
              adHoc || random.nextInt(4) > 0,
              random.nextInt(5) == 0 ? Optional.of("paused by ana") : Optional.empty(),
              random.nextInt(5) == 0 ? Optional.of(OVER) : Optional.empty(),
              random.nextBoolean(),
              waiting,
              assigned,
              runners,
              reserved,
              Map.of(),
              PoolView.UNMEASURED,
              room,
              failures,
              NOW);
      promises(view, PoolPlanner.plan(view));
    }
  }

  private static void promises(PoolView view, PoolPlan plan) {
    String what = view + "\n" + plan;
    Map<RunnerId, RunnerState> states = new HashMap<>();
    view.runners().forEach(r -> states.put(r.id(), r.state()));
    Set<RunnerId> touched = new HashSet<>();
    Set<JobId> served = new HashSet<>();
    Set<JobId> wanting = new HashSet<>();
    view.waiting().forEach(j -> wanting.add(j.id()));
    for (Step step : plan.steps()) {
      assertThat(step.reason()).as(what).isNotBlank();
      RunnerId runner =
          switch (step) {
            case Step.Assign(var id, var job, var reason) -> take(served, job, id);
            case Step.Rebind(var id, var job, var reason) -> take(served, job, id);
            case Step.Return(var job, var reason) -> {
              wanting.add(job);
              yield null;
            }
            case Step.Place(var job, var reason) -> {
              wanting.add(job);
              yield null;
            }
            case Step.Start(var id, var reason) -> id;
            case Step.Launch launch -> null;
            case Step.Stop(var id, var reason) -> id;
            case Step.Release(var id, var reason) -> id;
            case Step.Terminate(var id, var reason) -> id;
          };
      if (runner != null) {
        assertThat(states.get(runner)).as(what).isNotEqualTo(RunnerState.BUSY);
        assertThat(touched.add(runner)).as("one step a runner: " + what).isTrue();
      }
    }
    long alive = view.runners().stream().filter(r -> r.state().alive()).count();
    int launched = launched(plan);
    assertThat(launched).as(what).isLessThanOrEqualTo(view.room());
    assertThat(launched == 0 || alive + launched <= view.pool().max()).as(what).isTrue();
    if (view.paused().isPresent() || view.overBudget().isPresent()) {
      assertThat(launched).as(what).isZero();
    }
    staysInItsEnvironment(view, plan, what);
    wanting.removeAll(served);
    assertThat(plan.waitingFor().keySet()).as(what).containsAll(wanting);
    assertThat(plan.summary()).isNotBlank();
    plan.next().ifPresent(next -> assertThat(next).isAfter(view.now()));
  }

  /** A runner never serves a job of another environment; neither does a pool. */
  private static void staysInItsEnvironment(PoolView view, PoolPlan plan, String what) {
    Map<RunnerId, String> ofRunner = new HashMap<>();
    view.runners().forEach(r -> ofRunner.put(r.id(), r.origin().environment()));
    Map<JobId, String> ofJob = new HashMap<>();
    for (List<Job> jobs : List.of(view.waiting(), view.assigned())) {
      jobs.forEach(j -> j.placement().ifPresent(p -> ofJob.put(j.id(), p.environment())));
    }
    for (Step step : plan.steps()) {
      switch (step) {
        case Step.Assign(var runner, var job, var reason) ->
            assertThat(ofRunner.get(runner)).as(what).isEqualTo(ofJob.get(job));
        case Step.Rebind(var runner, var job, var reason) ->
            assertThat(ofRunner.get(runner)).as(what).isEqualTo(ofJob.get(job));
        case Step.Start(var runner, var reason) ->
            assertThat(ofRunner.get(runner)).as(what).isEqualTo(view.pool().environment());
        case Step.Place(var job, var reason) ->
            assertThat(ofJob.get(job)).as(what).isNotEqualTo(view.pool().environment());
        case Step.Return(var job, var reason) -> assertThat(ofJob).as(what).containsKey(job);
        case Step.Launch launch -> assertThat(launch.count()).as(what).isPositive();
        case Step.Stop(var runner, var reason) ->
            assertThat(ofRunner.get(runner)).as(what).isEqualTo(view.pool().environment());
        case Step.Release(var runner, var reason) ->
            assertThat(ofRunner).as(what).containsKey(runner);
        case Step.Terminate(var runner, var reason) ->
            assertThat(ofRunner).as(what).containsKey(runner);
      }
    }
  }

  @Test
  void runnersThatAPoolLeftBehindWhenItMovedAreEndedAndNotUsed() {
    List<Runner> left =
        List.of(
            in("prod", runner(1, RunnerState.READY, SPEC.hash())),
            in("prod", runner(2, RunnerState.STOPPED, SPEC.hash())),
            in("prod", runner(3, RunnerState.BOOTING, SPEC.hash())));
    PoolPlan plan =
        PoolPlanner.plan(view(pool(0, 1, 10, false), true, jobs(1), List.of(), left, 10, NONE));
    assertThat(launched(plan)).as("one for the job, one to keep stopped").isEqualTo(2);
    assertThat(plan.steps())
        .filteredOn(Step.Terminate.class::isInstance)
        .extracting(Step::reason)
        .containsExactly(
            "it is in prod, local, and the pool is not any more",
            "it is in prod, local, and the pool is not any more");
  }

  @Test
  void usedUpBudgetHoldsNewMachinesAndStartsThoseThatJobsCanHave() {
    List<Runner> runners =
        List.of(
            runner(1, RunnerState.BUSY, SPEC.hash()), runner(2, RunnerState.STOPPED, SPEC.hash()));
    PoolPlan plan =
        PoolPlanner.plan(
            over(view(pool(3, 3, 10, false), true, jobs(2), List.of(), runners, 10, NONE)));
    assertThat(plan.steps())
        .containsExactly(new Step.Start(runners.get(1).id(), "a job waits and no runner is ready"));
    assertThat(plan.waitingFor()).containsEntry(new JobId(2), OVER.words());
    assertThat(plan.summary()).contains(OVER.words());
  }

  private static PoolView over(PoolView view) {
    return new PoolView(
        view.pool(),
        view.configured(),
        view.paused(),
        Optional.of(OVER),
        view.stoppable(),
        view.waiting(),
        view.assigned(),
        view.runners(),
        view.reserved(),
        view.finished(),
        view.readyAfter(),
        view.room(),
        view.failures(),
        view.now());
  }

  private static RunnerId take(Set<JobId> served, JobId job, RunnerId runner) {
    assertThat(served.add(job)).as("one runner a job").isTrue();
    return runner;
  }

  private static int launched(PoolPlan plan) {
    return plan.steps().stream()
        .mapToInt(step -> step instanceof Step.Launch launch ? launch.count() : 0)
        .sum();
  }

  private static PoolView view(
      PoolSpec pool,
      boolean configured,
      List<Job> waiting,
      List<Job> assigned,
      List<Runner> runners,
      int room,
      PoolView.Failures failures) {
    return new PoolView(
        pool,
        configured,
        Optional.empty(),
        Optional.empty(),
        true,
        waiting,
        assigned,
        runners,
        Map.of(),
        Map.of(),
        PoolView.UNMEASURED,
        room,
        failures,
        NOW);
  }

  private static PoolSpec pool(int running, int stopped, int max, boolean adHoc) {
    return new PoolSpec(
        "default",
        SPEC,
        "dev",
        "local",
        running,
        stopped,
        max,
        Duration.ofMinutes(30),
        ZoneId.of("UTC"),
        List.of(),
        10,
        adHoc);
  }

  static Runner runner(int number, RunnerState state, String hash) {
    Instant created = NOW.minus(Duration.ofHours(2)).plusSeconds(number);
    RunnerOrigin origin =
        new RunnerOrigin(
            new LaunchId("launch-%016d".formatted(number)),
            "default",
            "local",
            "dev",
            "local",
            "here",
            hash,
            created);
    boolean reserved =
        state == RunnerState.ASSIGNED
            || state == RunnerState.REGISTERED
            || state == RunnerState.BUSY;
    return new Runner(
        new RunnerId("muster-%012d".formatted(number)),
        origin,
        state,
        created,
        Optional.empty(),
        Optional.of("i-" + number),
        reserved
            ? Optional.of(new Reservation(new JobId(1_000L + number), "n", OptionalLong.empty()))
            : Optional.empty(),
        Optional.empty(),
        1);
  }

  private static Runner in(String environment, Runner runner) {
    RunnerOrigin was = runner.origin();
    return new Runner(
        runner.id(),
        new RunnerOrigin(
            was.launch(),
            was.pool(),
            was.provider(),
            environment,
            was.region(),
            was.spec(),
            was.specHash(),
            was.createdAt()),
        runner.state(),
        runner.since(),
        runner.deadline(),
        runner.instance(),
        runner.reservation(),
        runner.reason(),
        runner.version());
  }

  /** As it is after its placement in an environment. */
  private static Job placed(String environment, Job job) {
    Placement place = new Placement("default", environment, "local");
    return JobTransition.apply(job, new JobEvent.Placed(place), NOW).job();
  }

  private static List<Job> jobs(int count) {
    List<Job> jobs = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      jobs.add(job(i));
    }
    return jobs;
  }

  static Job job(long id) {
    JobFacts facts =
        new JobFacts(
            new JobId(id),
            1,
            1,
            "acme/hello",
            "build",
            Optional.empty(),
            List.of("muster=1", "runner=here"),
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            true,
            NOW.minusSeconds(60));
    return placed("dev", Job.first(facts, JobState.QUEUED, Optional.empty()));
  }
}
