package dev.muster.fleet.pool;

import dev.muster.fleet.compute.Compute;
import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.cost.BudgetHold;
import dev.muster.fleet.job.Homes;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobEvent;
import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobPlacement;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.Match;
import dev.muster.fleet.job.Matching;
import dev.muster.fleet.job.RerunIntents;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.job.WarmPools;
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
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.fleet.spec.Spot;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.Reconciler;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
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
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads all state of a pool, plans, and stores the decision with its intents in one transaction.
 */
public final class PoolReconciler implements Reconciler<String> {
  /** A launch is one call of the cloud; more than this many machines are split over several. */
  static final int LARGEST_LAUNCH = 500;

  /** As jobs that may not be placed yet have it in their timelines. */
  private static final String HELD = "held";

  /** New machines are accounted for so soon where there is a budget to keep. */
  private static final Duration BUDGETED = Duration.ofMinutes(1);

  private static final Set<RunnerState> SERVING =
      Set.of(RunnerState.ASSIGNED, RunnerState.REGISTERED, RunnerState.BUSY);

  private final Database database;
  private final Writer writer;
  private final WorkQueue queue;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Supplier<Optional<FleetSpec>> fleet;
  private final Compute compute;
  private final DeadlinePolicy deadlines;
  private final WarmPools warm;
  private final JobPlacement placement;
  private final Homes homes;
  private final URI agentUrl;
  private final Planner planner;

  public PoolReconciler(
      Database database,
      Writer writer,
      WorkQueue queue,
      InstantSource clock,
      RandomGenerator random,
      Supplier<Optional<FleetSpec>> fleet,
      Compute compute,
      DeadlinePolicy deadlines,
      WarmPools warm,
      JobPlacement placement,
      Homes homes,
      URI agentUrl,
      Planner planner) {
    this.database = database;
    this.writer = writer;
    this.queue = queue;
    this.clock = clock;
    this.random = random;
    this.fleet = fleet;
    this.compute = compute;
    this.deadlines = deadlines;
    this.warm = warm;
    this.placement = placement;
    this.homes = homes;
    this.agentUrl = agentUrl;
    this.planner = planner;
  }

  @Override
  public String kind() {
    return RunnerKeys.POOL;
  }

  @Override
  public String key(String name) {
    return name;
  }

  /** Many pools become due at once with a config; together they fill the writer's batches. */
  @Override
  public int concurrency() {
    return 32;
  }

  @Override
  public Outcome reconcile(String name, Optional<TraceContext> trace) {
    Optional<FleetSpec> config = fleet.get();
    if (config.isEmpty()) {
      return new Outcome.RequeueAfter(PoolPlanner.REGULAR); // without a config nothing is decided
    }
    Instant now = clock.instant();
    // Most looks find nothing to do: those need no turn of the writer.
    Optional<Look> look =
        database.read(read ->
            view(read, name, config.get(), now)
                .map(view -> Look.at(read, view, plan(read, config.get(), view))));
    if (look.isEmpty()) {
      warm.saw(name, false);
      return new Outcome.Done();
    }
    warm.saw(name, look.get().warm());
    if (look.get().nothingNew()) {
      return after(look.get().plan(), now);
    }
    Optional<PoolPlan> plan =
        writer.write(
            Priority.RECONCILE,
            tx ->
                view(tx, name, config.get(), now)
                    .map(view -> decide(tx, view, plan(tx, config.get(), view), trace)));
    return plan.map(p -> after(p, now)).orElseGet(Outcome.Done::new);
  }

  private record Look(PoolPlan plan, boolean nothingNew, boolean warm) {
    static Look at(Read read, PoolView view, PoolPlan plan) {
      return new Look(
          plan,
          !PoolDecisions.news(read, view.pool().name(), plan) && untold(read, view, plan).isEmpty(),
          spare(view, plan) > 0);
    }

    /** Runners that the next job can have without a launch. */
    private static long spare(PoolView view, PoolPlan plan) {
      long there =
          view.runners().stream()
              .filter(r -> r.state() == RunnerState.READY || r.state() == RunnerState.STOPPED)
              .count();
      long used =
          plan.steps().stream()
              .filter(step -> !(step instanceof Step.Launch) && !(step instanceof Step.Return))
              .count();
      return there - used;
    }
  }

  private static Outcome after(PoolPlan plan, Instant now) {
    Duration regular = PoolPlanner.REGULAR;
    return new Outcome.RequeueAfter(
        plan.next()
            .map(next -> Duration.between(now, next))
            .filter(d -> d.compareTo(regular) < 0)
            .map(d -> d.isNegative() ? Duration.ZERO : d)
            .orElse(regular));
  }

  /** How much room there is takes a count over all pools, so it is asked only when it matters. */
  private PoolPlan plan(Read read, FleetSpec config, PoolView view) {
    PoolPlan plan = planner.plan(view);
    boolean launches = plan.steps().stream().anyMatch(Step.Launch.class::isInstance);
    return launches ? planner.plan(view.within(room(read, config, view.pool()))) : plan;
  }

  private PoolPlan decide(Tx tx, PoolView view, PoolPlan plan, Optional<TraceContext> trace) {
    Map<JobId, String> untold = untold(tx, view, plan);
    if (!untold.isEmpty() || PoolDecisions.news(tx, view.pool().name(), plan)) {
      PoolDecisions.record(tx, view.pool().name(), plan, view.now());
    }
    Map<RunnerId, Runner> runners = new HashMap<>();
    view.runners().forEach(r -> runners.put(r.id(), r));
    for (Step step : plan.steps()) {
      apply(tx, view, step, runners, trace);
    }
    untold.forEach(
        (job, words) -> JobStore.note(tx, job, new TimelineEntry(view.now(), HELD, words)));
    return plan;
  }

  /** Jobs that wait because the budget is used up, and whose timeline does not say so yet. */
  private static Map<JobId, String> untold(Read read, PoolView view, PoolPlan plan) {
    Map<JobId, String> untold = new HashMap<>();
    view.overBudget()
        .map(BudgetHold::words)
        .ifPresent(words ->
            plan.waitingFor()
                .forEach((job, reason) -> {
                  if (reason.equals(words) && !JobStore.noted(read, job, HELD, words)) {
                    untold.put(job, words);
                  }
                }));
    return untold;
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

  /** Empty where there is no such pool and nothing is left of it. */
  private Optional<PoolView> view(Read read, String name, FleetSpec config, Instant now) {
    List<Job> waiting = JobStore.of(read, name, JobState.QUEUED);
    List<Job> assigned = JobStore.of(read, name, JobState.ASSIGNED);
    List<Runner> runners = RunnerStore.living(read, name);
    Optional<PoolSpec> known =
        config.pool(name).map(pool -> homes.keeps(pool) ? pool : pool.cold());
    Optional<PoolSpec> spec =
        known
            .or(() -> adHoc(read, config, name, waiting, assigned))
            .or(() -> leftOver(config, runners));
    if (spec.isEmpty()) {
      return Optional.empty();
    }
    PoolSpec pool = spec.get();
    boolean configured = known.isPresent() || !(waiting.isEmpty() && assigned.isEmpty());
    return Optional.of(
        new PoolView(
            pool,
            configured,
            Pauses.holding(read, name, pool.environment())
                .map(Pauses.Pause::words)
                .or(() -> homes.hold(pool.environment())),
            config
                .environment(pool.environment())
                .flatMap(environment -> BudgetHold.of(read, environment, now)),
            compute.provider(pool.runner().provider().word()).stoppable(),
            waiting,
            assigned,
            runners,
            reserved(read, runners, waiting, assigned),
            finished(read, runners, assigned),
            RunnerStore.readyAfter(read, name).orElse(PoolView.UNMEASURED),
            Integer.MAX_VALUE,
            failures(read, name),
            now));
  }

  private static Optional<PoolSpec> adHoc(
      Read read, FleetSpec config, String name, List<Job> waiting, List<Job> assigned) {
    Matching matching = new Matching(config);
    return Stream.concat(waiting.stream(), assigned.stream())
        .map(job -> matching.match(job.facts(), RerunIntents.onDemand(read, job.facts())))
        .filter(Match.Served.class::isInstance)
        .map(match -> ((Match.Served) match).pool())
        .filter(p -> p.name().equals(name))
        .findFirst();
  }

  /** A pool that only its runners remember: enough of a spec to drain it. */
  private static Optional<PoolSpec> leftOver(FleetSpec config, List<Runner> runners) {
    return runners.stream()
        .findFirst()
        .map(runner -> {
          RunnerOrigin origin = runner.origin();
          RunnerSpec spec =
              config
                  .runner(origin.spec())
                  .orElseGet(() -> RunnerSpec.forgotten(origin.spec(), origin.provider()));
          return new PoolSpec(
              origin.pool(),
              spec,
              origin.environment(),
              origin.region(),
              0,
              0,
              runners.size(),
              Duration.ofMinutes(5),
              config.defaults().timeZone(),
              List.of(),
              10,
              origin.pool().contains("~"));
        });
  }

  private static Map<JobId, JobFacts> reserved(
      Read read, List<Runner> runners, List<Job> waiting, List<Job> assigned) {
    Map<JobId, JobFacts> facts = new HashMap<>();
    for (Runner runner : runners) {
      if (runner.state() != RunnerState.ASSIGNED && runner.state() != RunnerState.REGISTERED) {
        continue;
      }
      JobId job = runner.reservation().orElseThrow().job();
      boolean seen =
          waiting.stream().anyMatch(j -> j.id().equals(job))
              || assigned.stream().anyMatch(j -> j.id().equals(job));
      if (!seen) {
        JobStore.find(read, job).ifPresent(j -> facts.put(job, j.facts()));
      }
    }
    return facts;
  }

  /** Of jobs whose runners are on their way out: GitHub's word comes later than the agents'. */
  private static Map<JobId, Instant> finished(Read read, List<Runner> runners, List<Job> assigned) {
    Set<RunnerId> serving =
        runners.stream()
            .filter(runner -> SERVING.contains(runner.state()))
            .map(Runner::id)
            .collect(Collectors.toSet());
    Map<JobId, Instant> finished = new HashMap<>();
    for (Job job : assigned) {
      job.runner()
          .map(RunnerId::new)
          .filter(id -> !serving.contains(id))
          .flatMap(id -> RunnerStore.finishedAt(read, id))
          .ifPresent(at -> finished.put(job.id(), at));
    }
    return finished;
  }

  private static int room(Read read, FleetSpec config, PoolSpec pool) {
    int room = config.defaults().maxRunners() - RunnerStore.countAlive(read);
    if (pool.runner().provider() == Provider.LOCAL) {
      room =
          Math.min(
              room, pool.runner().slots() - RunnerStore.takingSlots(read, pool.runner().name()));
    }
    return Math.max(0, room);
  }

  /** Counted by launches: one answer of the provider may fail many runners at once. */
  private static PoolView.Failures failures(Read read, String pool) {
    List<RunnerStore.Attempt> failed =
        RunnerStore.attempts(read, pool, 12).stream()
            .takeWhile(attempt -> attempt.ready() == 0)
            .filter(attempt -> attempt.open() == 0)
            .toList();
    return failed.isEmpty()
        ? PoolView.Failures.NONE
        : new PoolView.Failures(
            failed.size(), Optional.of(failed.getFirst().at()), failed.getFirst().reason());
  }
}
