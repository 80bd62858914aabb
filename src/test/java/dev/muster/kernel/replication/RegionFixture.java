package dev.muster.kernel.replication;

import dev.muster.kernel.store.StoreFixture;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.tracing.Telemetry;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** One region's replication over a real database, taken step by step. */
public final class RegionFixture implements Membership, AutoCloseable {
  /** What the regions do to each other's work is none of a test's. */
  static final Replication.Listener QUIET =
      new Replication.Listener() {
        @Override
        public void read(String environment) {}

        @Override
        public void caughtUp(Tx tx, String environment, Optional<Instant> awaySince) {}

        @Override
        public void lost(String environment) {}

        @Override
        public void taken(
            Tx tx, String environment, String region, RegionLease.Takeover takeover) {}
      };

  final String region;
  final StoreFixture store;
  final RegionLease lease;
  final Replicator replicator;
  private final String environment;
  private final InstantSource clock;
  private final GlobalTable.Replica table;
  private final Replication.Listener listener;
  private SharedTable.Feed feed = () -> new SharedTable.Batch(List.of(), List.of(), List.of());
  private boolean read;

  /** One that has counters. */
  RegionFixture(
      String region,
      String holder,
      Path folder,
      GlobalTable.Replica table,
      InstantSource clock,
      Map<String, Succession.Rule> rules,
      Predicate<String> healthy) {
    this(
        region,
        holder,
        Counters.ENVIRONMENT,
        StoreFixture.open(folder),
        table,
        clock,
        rules,
        healthy,
        List.of(new Counters()),
        QUIET);
  }

  public RegionFixture(
      String region,
      String holder,
      String environment,
      StoreFixture store,
      GlobalTable.Replica table,
      InstantSource clock,
      Map<String, Succession.Rule> rules,
      Predicate<String> healthy,
      List<ReplicatedKind> kinds,
      Replication.Listener listener) {
    this.region = region;
    this.environment = environment;
    this.store = store;
    this.table = table;
    this.clock = clock;
    this.listener = listener;
    Outbox outbox = new Outbox(clock);
    outbox.open(environment, () -> {});
    store.writer().changesTo(outbox);
    lease =
        new RegionLease(
            new RegionLease.Self(region, holder, "http://" + region, "1"),
            table,
            clock,
            rules,
            healthy,
            () -> RegionLease.News.NONE,
            store.read(known -> Takeovers.open(known, environment)));
    replicator =
        new Replicator(
            environment,
            store.database(),
            store.writer(),
            clock,
            table,
            lease,
            Telemetry.OFF,
            kinds);
  }

  /** As an appliance starts: it claims its region, and reads before it acts. */
  public RegionFixture begin() {
    lease.claim();
    feed = table.follow();
    replicator.reread();
    listener.read(environment);
    read = true;
    store.run(tx -> listener.caughtUp(tx, environment, lease.awaySince()));
    return this;
  }

  /** Makes due what the table should have. */
  public void seed() {
    replicator.seed();
  }

  /** Does what the lease has to do, and keeps what came of it. */
  public RegionLease.Look tick() {
    return lease.tick(look ->
        store.run(tx -> Replication.keep(tx, environment, look, clock.instant(), listener)));
  }

  @Override
  public String environment() {
    return environment;
  }

  @Override
  public RegionLease lease() {
    return lease;
  }

  @Override
  public Optional<String> hold() {
    return read ? lease.lost() : Optional.of("not read yet");
  }

  @Override
  public boolean hasRead() {
    return read;
  }

  void raise(String name) {
    store.run(tx -> Counters.raise(tx, name));
  }

  /** Writes all that waits. */
  public void send() {
    while (replicator.send().settled() > 0) {}
  }

  /** Takes what came. */
  public void take() {
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
