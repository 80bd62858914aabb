package dev.muster.status;

import dev.muster.kernel.replication.Outbox;
import dev.muster.kernel.replication.Replication;
import dev.muster.kernel.store.Database;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/** What Prometheus sees of the other regions; nothing where there are none. */
public final class RegionGauges implements MultiCollector {
  private final Supplier<Map<String, Replication>> replications;
  private final Database database;
  private final InstantSource clock;

  public RegionGauges(
      Supplier<Map<String, Replication>> replications, Database database, InstantSource clock) {
    this.replications = replications;
    this.database = database;
    this.clock = clock;
  }

  @Override
  public MetricSnapshots collect() {
    Map<String, Replication> now = new TreeMap<>(replications.get());
    if (now.isEmpty()) {
      return MetricSnapshots.of();
    }
    GaugeSnapshot.Builder lag =
        GaugeSnapshot.builder()
            .name("muster_replication_lag_seconds")
            .help(
                "Of this region: how long what changed here waits to be told; of the others: since their last beat");
    GaugeSnapshot.Builder waiting =
        GaugeSnapshot.builder()
            .name("muster_replication_waiting")
            .help("Aggregates that changed here and are not in the table yet");
    GaugeSnapshot.Builder silent =
        GaugeSnapshot.builder()
            .name("muster_region_silent")
            .help("1 while a region's beats do not come");
    GaugeSnapshot.Builder stoodInFor =
        GaugeSnapshot.builder()
            .name("muster_region_stood_in_for")
            .help("1 while this region does a silent one's work");
    CounterSnapshot.Builder written =
        CounterSnapshot.builder()
            .name("muster_replication_items_written")
            .help("Items written to the table of regions");
    CounterSnapshot.Builder unusable =
        CounterSnapshot.builder()
            .name("muster_replication_items_unusable")
            .help("Items of the table of regions that could not be taken");
    now.forEach((environment, replication) -> {
      Outbox.Backlog backlog = database.read(read -> Outbox.backlog(read, environment));
      Labels here = Labels.of("environment", environment);
      lag.dataPoint(
          point(labels(environment, replication.lease().region()), age(backlog.oldest())));
      waiting.dataPoint(point(here, (double) backlog.count()));
      written.dataPoint(counted(here, replication.replicator().written()));
      unusable.dataPoint(counted(here, replication.replicator().unusable()));
      replication
          .lease()
          .others()
          .forEach((region, heard) -> {
            Labels there = labels(environment, region);
            lag.dataPoint(point(there, age(Optional.of(heard.heardAt()))));
            silent.dataPoint(point(there, replication.lease().beats(region) ? 0 : 1));
            stoodInFor.dataPoint(
                point(there, replication.lease().taken().containsKey(region) ? 1 : 0));
          });
    });
    return MetricSnapshots.of(
        lag.build(),
        waiting.build(),
        silent.build(),
        stoodInFor.build(),
        written.build(),
        unusable.build());
  }

  private static Labels labels(String environment, String region) {
    return Labels.of("environment", environment, "region", region);
  }

  private double age(Optional<Instant> since) {
    return since
        .map(at -> Math.max(0, Duration.between(at, clock.instant()).toMillis() / 1000.0))
        .orElse(0.0);
  }

  private static GaugeDataPointSnapshot point(Labels labels, double value) {
    return GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
  }

  private static CounterDataPointSnapshot counted(Labels labels, long value) {
    return CounterDataPointSnapshot.builder().labels(labels).value((double) value).build();
  }
}
