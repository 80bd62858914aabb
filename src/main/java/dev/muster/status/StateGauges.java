package dev.muster.status;

import dev.muster.config.RevisionStore;
import dev.muster.fleet.cost.EnvironmentSpend;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Read;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/** What the database says when somebody asks: nothing is kept for it between two scrapes. */
public final class StateGauges implements MultiCollector {
  /** Pools that are made for a job's labels, as many as there are labels, share one name. */
  private static final String AD_HOC = "ad-hoc";

  private static final int STARTS = 10_000;
  private static final double MICROS = 1e6;

  private final Database database;
  private final Metrics metrics;
  private final Supplier<Optional<FleetSpec>> fleet;
  private final InstantSource clock;
  private Instant startsSeen;

  /**
   * Reads nothing yet.
   *
   * @param fleet the config in force, which has the budgets
   */
  public StateGauges(
      Database database,
      Metrics metrics,
      Supplier<Optional<FleetSpec>> fleet,
      InstantSource clock) {
    this.database = database;
    this.metrics = metrics;
    this.fleet = fleet;
    this.clock = clock;
    this.startsSeen = clock.instant();
  }

  @Override
  public MetricSnapshots collect() {
    return database.read(this::collect);
  }

  private MetricSnapshots collect(Read read) {
    observeStarts(read);
    Instant now = clock.instant();
    WorkQueue.Backlog backlog = WorkQueue.backlog(read, now);
    return MetricSnapshots.of(
        gauge(
            "muster_queue_depth",
            "Keys that are due to be reconciled",
            List.of(point(Labels.EMPTY, (double) backlog.depth()))),
        gauge(
            "muster_queue_oldest_seconds",
            "How long the key that is due longest has been due; 0 where none is",
            List.of(
                point(
                    Labels.EMPTY,
                    (double)
                        backlog
                            .oldestDue()
                            .map(due -> Math.max(0, Duration.between(due, now).toSeconds()))
                            .orElse(0L)))),
        jobs(read),
        instances(read),
        revision(read),
        spend(read),
        budgets(read),
        gauge(
            "muster_config_rejected",
            "1 while the newest revision of the config is rejected",
            List.of(point(Labels.EMPTY, RevisionStore.rejectedHead(read).isPresent() ? 1 : 0))));
  }

  /**
   * Each start is observed once, by a scrape after it, and shown from the next one on; one that
   * GitHub tells of late, after younger ones, is left out.
   */
  private synchronized void observeStarts(Read read) {
    for (JobStore.Start start : JobStore.starts(read, startsSeen, STARTS)) {
      metrics.jobStarted(label(start.pool()), start.warm(), start.waited());
      startsSeen = start.at();
    }
  }

  private static GaugeSnapshot jobs(Read read) {
    Map<JobState, Long> counts = JobStore.counts(read);
    return gauge(
        "muster_jobs",
        "Jobs that are kept, by state",
        List.of(JobState.values()).stream()
            .map(s -> point(Labels.of("state", s.word()), (double) counts.getOrDefault(s, 0L)))
            .toList());
  }

  private static GaugeSnapshot instances(Read read) {
    Map<Labels, Integer> counts = new TreeMap<>();
    for (RunnerStore.PoolCount count : RunnerStore.counts(read)) {
      Labels labels = Labels.of("pool", label(count.pool()), "state", count.state().word());
      counts.merge(labels, count.count(), Integer::sum);
    }
    return gauge(
        "muster_pool_instances",
        "Runners that have not ended, by pool and state",
        counts.entrySet().stream().map(e -> point(e.getKey(), e.getValue())).toList());
  }

  private GaugeSnapshot spend(Read read) {
    Instant now = clock.instant();
    return gauge(
        "muster_environment_spend_usd",
        "What environments have spent in this month in UTC, in US dollars, without disks and traffic",
        EnvironmentSpend.all(read).stream()
            .map(s -> point(Labels.of("environment", s.environment()), s.at(now) / MICROS))
            .toList());
  }

  private GaugeSnapshot budgets(Read read) {
    Instant now = clock.instant();
    List<GaugeDataPointSnapshot> points = new ArrayList<>();
    for (EnvironmentSpec environment :
        fleet.get().map(FleetSpec::environments).orElse(Map.of()).values()) {
      environment
          .budget()
          .ifPresent(budget -> {
            long spent =
                EnvironmentSpend.find(read, environment.name()).map(s -> s.at(now)).orElse(0L);
            points.add(
                point(
                    Labels.of("environment", environment.name()),
                    (double) spent / budget.microUsd(100)));
          });
    }
    return gauge(
        "muster_environment_budget_ratio",
        "What environments have spent in this month, against their budgets; 1 is all of it",
        points);
  }

  private static GaugeSnapshot revision(Read read) {
    return gauge(
        "muster_config_revision_info",
        "The revision of the config in force, as a label of the value 1",
        RevisionStore.inForce(read).stream()
            .map(d -> point(Labels.of("revision", d.revision().id()), 1))
            .toList());
  }

  private static String label(String pool) {
    return pool.contains("~") ? AD_HOC : pool;
  }

  private static GaugeSnapshot gauge(
      String name, String help, List<GaugeDataPointSnapshot> points) {
    GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
    points.forEach(gauge::dataPoint);
    return gauge.build();
  }

  private static GaugeDataPointSnapshot point(Labels labels, double value) {
    return GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
  }
}
