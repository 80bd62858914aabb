package dev.muster.fleet.pool;

import dev.muster.fleet.compute.Compute;
import dev.muster.fleet.cost.BudgetHold;
import dev.muster.fleet.job.Homes;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobPlacement;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.job.WarmPools;
import dev.muster.fleet.runner.DeadlinePolicy;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.spec.FleetSpec;
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
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Reads all state of a pool, plans, and stores the decision with its intents in one transaction.
 */
public final class PoolReconciler implements Reconciler<String> {
  /** As jobs that may not be placed yet have it in their timelines. */
  private static final String HELD = "held";

  private final Database database;
  private final Writer writer;
  private final InstantSource clock;
  private final Supplier<Optional<FleetSpec>> fleet;
  private final WarmPools warm;
  private final PoolViews views;
  private final PoolSteps steps;
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
    this.clock = clock;
    this.fleet = fleet;
    this.warm = warm;
    this.views = new PoolViews(compute, homes);
    this.steps = new PoolSteps(queue, clock, random, fleet, deadlines, placement, agentUrl);
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
    Optional<Look> seen = database.read(read -> look(read, name, config.get(), now));
    warm.saw(name, seen.map(Look::spare).orElse(0L) > 0);
    if (seen.isEmpty()) {
      return new Outcome.Done();
    }
    Look look = seen.get();
    if (look.nothingNew()) {
      return look.outcome();
    }
    if (look.plan().steps().isEmpty()) {
      // It only has to be told. What has changed meanwhile makes the pool due again.
      writer.run(Priority.RECONCILE, look::tell);
      return look.outcome();
    }
    Optional<Look> decided =
        writer.write(Priority.RECONCILE, tx -> decide(tx, name, config.get(), now, trace));
    return decided.map(Look::outcome).orElseGet(Outcome.Done::new);
  }

  private Optional<Look> look(Read read, String name, FleetSpec config, Instant now) {
    return views
        .of(read, name, config, now)
        .map(view -> Look.at(read, view, plan(read, config, view)));
  }

  private Optional<Look> decide(
      Tx tx, String name, FleetSpec config, Instant now, Optional<TraceContext> trace) {
    Optional<Look> look = look(tx, name, config, now);
    look.ifPresent(it -> {
      it.tell(tx);
      steps.apply(tx, it.view(), it.plan().steps(), trace);
    });
    return look;
  }

  /**
   * A plan, and what of it is not known yet.
   *
   * @param news whether it says something else than the last one that was stored
   * @param untold jobs that wait because the budget is used up, and whose timeline does not say so
   */
  private record Look(PoolView view, PoolPlan plan, boolean news, Map<JobId, String> untold) {
    static Look at(Read read, PoolView view, PoolPlan plan) {
      return new Look(
          view,
          plan,
          PoolDecisions.news(read, view.pool().name(), plan),
          PoolReconciler.untold(read, view, plan));
    }

    boolean nothingNew() {
      return !news && untold.isEmpty();
    }

    void tell(Tx tx) {
      if (!nothingNew()) {
        PoolDecisions.record(tx, view.pool().name(), plan, view.now());
      }
      untold.forEach(
          (job, words) -> JobStore.note(tx, job, new TimelineEntry(view.now(), HELD, words)));
    }

    /** Runners that the next job can have without a launch. */
    long spare() {
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

    Outcome outcome() {
      Duration regular = PoolPlanner.REGULAR;
      return new Outcome.RequeueAfter(
          plan.next()
              .map(next -> Duration.between(view.now(), next))
              .filter(d -> d.compareTo(regular) < 0)
              .map(d -> d.isNegative() ? Duration.ZERO : d)
              .orElse(regular));
    }
  }

  /** How much room there is takes a count over all pools, so it is asked only when it matters. */
  private PoolPlan plan(Read read, FleetSpec config, PoolView view) {
    PoolPlan plan = planner.plan(view);
    boolean launches = plan.steps().stream().anyMatch(Step.Launch.class::isInstance);
    return launches ? planner.plan(view.within(PoolViews.room(read, config, view.pool()))) : plan;
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
}
