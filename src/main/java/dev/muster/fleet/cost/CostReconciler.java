package dev.muster.fleet.cost;

import dev.muster.fleet.compute.Compute;
import dev.muster.fleet.compute.HourlyPrice;
import dev.muster.fleet.compute.Offer;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.runner.LaunchedSpecs;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.Os;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.Reconciler;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Accounts for the time of machines that are paid for, while there are such. */
public final class CostReconciler implements Reconciler<String> {
  private static final Duration REGULAR = Duration.ofMinutes(15);

  /** Machines that start and end make what is expected of a budget inexact. */
  private static final Duration SOONEST = Duration.ofMinutes(1);

  /** So many machines are written down at a time. */
  private static final int CHUNK = 500;

  private final Database database;
  private final Writer writer;
  private final InstantSource clock;
  private final Compute compute;
  private final LaunchedSpecs specs;
  private final Supplier<Optional<FleetSpec>> fleet;
  private final SpentElsewhere elsewhere;
  private final AuditLog audit;

  /**
   * Accounts, and says when budgets are used up.
   *
   * @param fleet the config in force, which has the budgets
   */
  public CostReconciler(
      Database database,
      Writer writer,
      InstantSource clock,
      Compute compute,
      LaunchedSpecs specs,
      Supplier<Optional<FleetSpec>> fleet,
      SpentElsewhere elsewhere,
      AuditLog audit) {
    this.database = database;
    this.writer = writer;
    this.clock = clock;
    this.compute = compute;
    this.specs = specs;
    this.fleet = fleet;
    this.elsewhere = elsewhere;
    this.audit = audit;
  }

  @Override
  public String kind() {
    return RunnerKeys.COST;
  }

  @Override
  public String key(String name) {
    return name;
  }

  private record Key(String provider, String region, Offer offer, Os os) {}

  /** What is to be accounted for, as it was at one moment. */
  private record Seen(
      List<RunnerStore.Uncosted> machines,
      Map<RunnerId, List<TimelineEntry>> timelines,
      Map<RunnerId, Job> jobs) {
    static Seen of(Read read) {
      List<RunnerStore.Uncosted> machines = RunnerStore.uncosted(read);
      Map<RunnerId, Job> jobs = new HashMap<>();
      for (RunnerStore.Uncosted machine : machines) {
        Runner runner = machine.runner();
        runner
            .reservation()
            .flatMap(reservation -> JobStore.find(read, reservation.job()))
            .ifPresent(job -> jobs.put(runner.id(), job));
      }
      return new Seen(machines, RunnerStore.uncostedTimelines(read), jobs);
    }
  }

  private record Account(
      RunnerStore.Uncosted machine,
      List<Usage.Span> spans,
      boolean running,
      Optional<HourlyPrice> price,
      Optional<Job> job) {}

  @Override
  public Outcome reconcile(String name, Optional<TraceContext> trace) throws InterruptedException {
    Instant now = clock.instant();
    Seen seen = database.read(Seen::of);
    List<RunnerStore.Uncosted> machines = seen.machines();
    Map<Key, Optional<HourlyPrice>> prices = new HashMap<>();
    List<Account> accounts = new ArrayList<>();
    for (RunnerStore.Uncosted machine : machines) {
      Runner runner = machine.runner();
      List<TimelineEntry> timeline = seen.timelines().getOrDefault(runner.id(), List.of());
      accounts.add(
          new Account(
              machine,
              Usage.of(timeline, machine.until().orElse(Instant.EPOCH), now),
              Usage.running(timeline),
              price(machine, prices),
              Optional.ofNullable(seen.jobs().get(runner.id()))));
    }
    for (int from = 0; from < accounts.size(); from += CHUNK) {
      List<Account> some = accounts.subList(from, Math.min(accounts.size(), from + CHUNK));
      writer.run(Priority.HOUSEKEEPING, tx -> some.forEach(account -> store(tx, account, now)));
    }
    YearMonth month = EnvironmentSpend.monthOf(now);
    Map<String, Long> others = database.read(read -> elsewhere.in(read, month));
    List<EnvironmentSpend> spends =
        writer.write(Priority.HOUSEKEEPING, tx -> sumUp(tx, month, others, accounts, now));
    boolean open = machines.stream().anyMatch(m -> m.runner().state() != RunnerState.TERMINATED);
    Optional<Duration> budgets =
        fleet
            .get()
            .flatMap(config -> BudgetAlerts.next(config, spends, now))
            .map(at -> Duration.between(now, at))
            .map(d -> d.compareTo(SOONEST) < 0 ? SOONEST : d);
    if (!open) {
      return budgets.<Outcome>map(Outcome.RequeueAfter::new).orElseGet(Outcome.Done::new);
    }
    return new Outcome.RequeueAfter(budgets.filter(d -> d.compareTo(REGULAR) < 0).orElse(REGULAR));
  }

  /** What each environment has spent this month, and what its machines of here cost an hour. */
  private List<EnvironmentSpend> sumUp(
      Tx tx, YearMonth month, Map<String, Long> others, List<Account> accounts, Instant now) {
    Map<String, Long> spent = new TreeMap<>();
    EnvironmentSpend.all(tx).forEach(before -> spent.put(before.environment(), 0L));
    CostLedger.sums(tx, CostLedger.By.ENVIRONMENT, month.atDay(1), month.plusMonths(1).atDay(1))
        .forEach(sum -> spent.put(sum.name(), sum.microUsd()));
    others.forEach((name, microUsd) -> spent.merge(name, microUsd, Long::sum));
    Map<String, Long> hourly = new HashMap<>();
    Map<String, Integer> unpriced = new HashMap<>();
    for (Account account : accounts) {
      String environment = account.machine().runner().origin().environment();
      if (account.running()) {
        account
            .price()
            .ifPresentOrElse(
                price -> hourly.merge(environment, price.microUsd(), Long::sum),
                () -> unpriced.merge(environment, 1, Integer::sum));
      }
    }
    List<EnvironmentSpend> spends = new ArrayList<>();
    spent.forEach((environment, microUsd) ->
        spends.add(
            new EnvironmentSpend(
                environment,
                month,
                microUsd,
                hourly.getOrDefault(environment, 0L),
                unpriced.getOrDefault(environment, 0),
                now)));
    spends.forEach(spend -> EnvironmentSpend.put(tx, spend));
    fleet.get().ifPresent(config -> BudgetAlerts.look(tx, audit, config, now));
    return spends;
  }

  private Optional<HourlyPrice> price(
      RunnerStore.Uncosted machine, Map<Key, Optional<HourlyPrice>> prices)
      throws InterruptedException {
    Runner runner = machine.runner();
    Key key =
        new Key(
            runner.origin().provider(),
            runner.origin().region(),
            machine.offer(),
            specs.spec(runner).os());
    Optional<HourlyPrice> known = prices.get(key);
    if (known == null) {
      known = compute.provider(key.provider()).price(key.region(), key.offer(), key.os());
      prices.put(key, known);
    }
    return known;
  }

  private static void store(Tx tx, Account account, Instant now) {
    Runner runner = account.machine().runner();
    for (Usage.Span span : account.spans()) {
      Optional<Job> job = account.job().filter(j -> span.job());
      CostLedger.add(
          tx,
          new CostLedger.Account(
              span.day(),
              runner.origin().environment(),
              runner.origin().pool(),
              job.map(j -> j.facts().repository()).orElse(""),
              runner.origin().region()),
          span.seconds(),
          account.price());
      if (job.isPresent() && account.price().isPresent()) {
        CostLedger.add(tx, job.get().id(), span.seconds(), account.price().get(), now);
      }
    }
    RunnerStore.costed(tx, runner.id(), now, runner.state() == RunnerState.TERMINATED);
  }
}
