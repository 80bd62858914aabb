package dev.muster.kernel.replication;

import dev.muster.kernel.store.StoreFixture;
import dev.muster.kernel.tracing.Telemetry;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** One region's replication over a real database, taken step by step. */
final class RegionFixture implements AutoCloseable {
  final String region;
  final StoreFixture store;
  final RegionLease lease;
  final Replicator replicator;
  private final GlobalTable.Replica table;
  private SharedTable.Feed feed = () -> new SharedTable.Batch(List.of(), List.of(), List.of());

  RegionFixture(
      String region,
      String holder,
      Path folder,
      GlobalTable.Replica table,
      InstantSource clock,
      Map<String, Succession.Rule> rules,
      Predicate<String> healthy) {
    this.region = region;
    this.table = table;
    store = StoreFixture.open(folder);
    Outbox outbox = new Outbox(clock);
    outbox.open(Counters.ENVIRONMENT, () -> {});
    store.writer().changesTo(outbox);
    lease =
        new RegionLease(
            new RegionLease.Self(region, holder, "http://" + region, "1"),
            table,
            clock,
            rules,
            healthy,
            () -> RegionLease.News.NONE,
            store.read(read -> Takeovers.open(read, Counters.ENVIRONMENT)));
    replicator =
        new Replicator(
            Counters.ENVIRONMENT,
            store.database(),
            store.writer(),
            clock,
            table,
            lease,
            Telemetry.OFF,
            List.of(new Counters()));
  }

  /** As an appliance starts: it claims its region, and reads before it acts. */
  RegionFixture begin() {
    lease.claim();
    feed = table.follow();
    replicator.reread();
    return this;
  }

  void raise(String name) {
    store.run(tx -> Counters.raise(tx, name));
  }

  /** Writes all that waits. */
  void send() {
    while (replicator.send().settled() > 0) {}
  }

  /** Takes what came. */
  void take() {
    replicator.take(feed.poll());
  }

  /** What this region knows of another's counters. */
  Map<String, Long> seen(String other) {
    return store.read(read -> {
      Map<String, Long> seen = new TreeMap<>();
      Mirror.ofWriter(read, Counters.ENVIRONMENT, other, "counter", "", 10_000)
          .forEach(held -> seen.put(held.item().key().name(), Counters.parse(held.item().body())));
      return seen;
    });
  }

  Map<String, Long> own() {
    return store.read(Counters::all);
  }

  /** What the table has of this region. */
  Optional<Item> item(String name) {
    return Optional.ofNullable(table.items().get(new Item.Key(region, "counter", name)));
  }

  @Override
  public void close() {
    store.close();
  }
}
