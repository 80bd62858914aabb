package dev.muster.fleet.pool;

import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobEvent;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobPlacement;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.runner.DeadlinePolicy;
import dev.muster.fleet.runner.Deadlines;
import dev.muster.fleet.runner.Launch;
import dev.muster.fleet.runner.LaunchId;
import dev.muster.fleet.runner.LaunchStore;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerEvent;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.fleet.runner.RunnerOrigin;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.fleet.spec.Spot;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.tracing.TraceContext;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Carries a plan's steps out: each is a change of the state, and the intents that follow from it.
 */
final class PoolSteps {
  /** A launch is one call of the cloud; more than this many machines are split over several. */
  static final int LARGEST_LAUNCH = 500;

  /** New machines are accounted for so soon where there is a budget to keep. */
  private static final Duration BUDGETED = Duration.ofMinutes(1);

  private final WorkQueue queue;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Supplier<Optional<FleetSpec>> fleet;
  private final DeadlinePolicy deadlines;
  private final JobPlacement placement;
  private final URI agentUrl;

  PoolSteps(
      WorkQueue queue,
      InstantSource clock,
      RandomGenerator random,
      Supplier<Optional<FleetSpec>> fleet,
      DeadlinePolicy deadlines,
      JobPlacement placement,
      URI agentUrl) {
    this.queue = queue;
    this.clock = clock;
    this.random = random;
    this.fleet = fleet;
    this.deadlines = deadlines;
    this.placement = placement;
    this.agentUrl = agentUrl;
  }

  /** Carries all steps out; {@code trace} is that of what made the pool due. */
  void apply(Tx tx, PoolView view, List<Step> steps, Optional<TraceContext> trace) {
    Map<RunnerId, Runner> runners = new HashMap<>();
    view.runners().forEach(r -> runners.put(r.id(), r));
    for (Step step : steps) {
      apply(tx, view, step, runners, trace);
    }
  }

  private void apply(
      Tx tx,
      PoolView view,
      Step step,
      Map<RunnerId, Runner> runners,
      Optional<TraceContext> trace) {
    switch (step) {
      case Step.Return(JobId job, String reason) -> placement.giveBack(tx, job, reason, view.now());
      case Step.Place(JobId job, String reason) ->
          JobStore.find(tx, job).ifPresent(found -> placement.place(tx, found, view.now()));
      case Step.Assign(RunnerId id, JobId job, String reason) -> {
        Runner runner = get(runners, id);
        String name = id.value();
        runners.put(id, change(tx, runner, new RunnerEvent.Assigned(job, name), view.now()));
        JobStore.apply(tx, job, new JobEvent.Assigned(name, name), view.now());
        due(tx, RunnerKeys.runner(id), of(view, job, trace));
      }
      case Step.Rebind(RunnerId id, JobId job, String reason) -> {
        Runner runner = change(tx, get(runners, id), new RunnerEvent.Rebound(job), view.now());
        String name = runner.reservation().orElseThrow().name();
        JobStore.apply(tx, job, new JobEvent.Assigned(id.value(), name), view.now());
        due(tx, RunnerKeys.runner(id), of(view, job, trace));
      }
      case Step.Start(RunnerId id, String reason) ->
          inBatch(tx, view, get(runners, id), new RunnerEvent.StartWanted(reason));
      case Step.Stop(RunnerId id, String reason) ->
          inBatch(tx, view, get(runners, id), new RunnerEvent.StopWanted(reason));
      case Step.Terminate(RunnerId id, String reason) ->
          inBatch(tx, view, get(runners, id), new RunnerEvent.TerminateWanted(reason));
      case Step.Release(RunnerId id, String reason) -> {
        change(tx, get(runners, id), new RunnerEvent.Released(reason), view.now());
        due(tx, RunnerKeys.runner(id), trace);
      }
      case Step.Launch launch -> launch(tx, view, launch, cause(view, launch, runners, trace));
    }
  }

  /** The trace of a job that a plan is about. */
  private static Optional<TraceContext> of(
      PoolView view, JobId id, Optional<TraceContext> current) {
    return TraceContext.within(
        Stream.concat(view.waiting().stream(), view.assigned().stream())
            .filter(job -> job.id().equals(id))
            .findFirst()
            .flatMap(Job::trace),
        current);
  }

  /**
   * A launch for jobs belongs to the trace of the one that has waited longest and got no runner;
   * the others have it in their timelines.
   */
  private static Optional<TraceContext> cause(
      PoolView view,
      Step.Launch launch,
      Map<RunnerId, Runner> runners,
      Optional<TraceContext> current) {
    return launch.warm()
        ? current
        : view.waiting().stream()
            .filter(job -> runners.values().stream().noneMatch(r -> serves(r, job)))
            .findFirst()
            .map(job -> of(view, job.id(), current))
            .orElse(current);
  }

  private static boolean serves(Runner runner, Job job) {
    return runner.reservation().map(r -> r.job().equals(job.id())).orElse(false);
  }

  private static Runner get(Map<RunnerId, Runner> runners, RunnerId id) {
    Runner runner = runners.get(id);
    if (runner == null) {
      throw new IllegalStateException("A plan speaks of runner " + id + ", which it never saw");
    }
    return runner;
  }

  private Runner change(Tx tx, Runner runner, RunnerEvent event, Instant now) {
    return RunnerStore.apply(tx, runner, event, now, deadlines.of(runner));
  }

  private void inBatch(Tx tx, PoolView view, Runner runner, RunnerEvent event) {
    change(tx, runner, event, view.now());
    due(tx, RunnerKeys.runner(runner.id()), Optional.empty());
    due(
        tx,
        RunnerKeys.compute(runner.origin().provider(), runner.origin().region()),
        Optional.empty());
  }

  private void launch(Tx tx, PoolView view, Step.Launch step, Optional<TraceContext> trace) {
    for (int left = step.count(); left > 0; left -= LARGEST_LAUNCH) {
      launch(tx, view, Math.min(left, LARGEST_LAUNCH), step.warm(), trace);
    }
  }

  private void launch(Tx tx, PoolView view, int count, boolean warm, Optional<TraceContext> trace) {
    PoolSpec pool = view.pool();
    RunnerSpec spec = pool.runner();
    LaunchId id = LaunchId.random(random);
    boolean spot = !warm && spec.spot() != Spot.NEVER;
    LaunchRequest request =
        new LaunchRequest(
            id.value(),
            pool.name(),
            pool.environment(),
            pool.region(),
            spec,
            count,
            spot,
            agentUrl);
    Launch launch =
        new Launch(
            id,
            pool.name(),
            spec.provider().word(),
            pool.region(),
            spec.hash(),
            count,
            Launch.State.PLANNED,
            Optional.empty(),
            view.now(),
            Optional.empty());
    LaunchStore.add(tx, launch, request.json());
    RunnerOrigin origin =
        new RunnerOrigin(
            id,
            pool.name(),
            spec.provider().word(),
            pool.environment(),
            pool.region(),
            spec.name(),
            spec.hash(),
            view.now());
    Deadlines limits =
        spec.os() == Os.WINDOWS
            ? Deadlines.windows(spec.maxRuntime())
            : Deadlines.linux(spec.maxRuntime());
    List<Runner> runners = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      runners.add(Runner.planned(RunnerId.random(random), origin, limits));
    }
    RunnerStore.add(tx, runners);
    due(tx, RunnerKeys.launch(id), trace);
    boolean budget =
        fleet
            .get()
            .flatMap(config -> config.environment(pool.environment()))
            .flatMap(EnvironmentSpec::budget)
            .isPresent();
    if (budget) {
      queue.due(tx, RunnerKeys.cost(), view.now().plus(BUDGETED), Optional.empty());
    }
  }

  private void due(Tx tx, WorkKey key, Optional<TraceContext> trace) {
    queue.due(tx, key, clock.instant(), trace);
  }
}
