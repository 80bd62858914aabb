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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** One region's replication at work, with its threads, over a real database. */
public final class RunningRegion implements AutoCloseable {
  private static final String ENVIRONMENT = Counters.ENVIRONMENT;

  private final StoreFixture store;
  private final Replications replications;

  /**
   * Begins.
   *
   * @param healthy whether an address answers
   */
  public RunningRegion(
      String region,
      String holder,
      Path folder,
      SharedTable table,
      InstantSource clock,
      Predicate<String> healthy,
      Map<String, Succession.Rule> rules,
      List<ReplicatedKind> kinds) {
    store = StoreFixture.open(folder);
    Outbox outbox = new Outbox(clock);
    store.writer().changesTo(outbox);
    replications =
        new Replications(wish -> {
          RegionLease lease =
              new RegionLease(
                  new RegionLease.Self(region, holder, "http://" + holder, "1"),
                  table,
                  clock,
                  wish.rules(),
                  healthy,
                  () -> RegionLease.News.NONE,
                  Map.of());
          return new Replication(
              wish.environment(),
              store.database(),
              store.writer(),
              clock,
              outbox,
              table,
              lease,
              new Replicator(
                  wish.environment(),
                  store.database(),
                  store.writer(),
                  clock,
                  table,
                  lease,
                  Telemetry.OFF,
                  kinds),
              listener());
        });
    replications.want(
        Map.of(ENVIRONMENT, new Replications.Wish(ENVIRONMENT, "muster", Optional.empty(), rules)));
    until(() -> !replications.changing());
  }

  private Replication.Listener listener() {
    return new Replication.Listener() {
      @Override
      public void read(String environment) {}

      @Override
      public void caughtUp(Tx tx, String environment, Optional<Instant> awaySince) {}

      @Override
      public void lost(String environment) {
        replications.renew(environment);
      }

      @Override
      public void taken(Tx tx, String environment, String region, RegionLease.Takeover takeover) {}
    };
  }

  /** Waits as long as a slow machine may need. */
  public static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within 120 s");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  public StoreFixture store() {
    return store;
  }

  public Replication replication() {
    return Optional.ofNullable(replications.now().get(ENVIRONMENT)).orElseThrow();
  }

  Replications replications() {
    return replications;
  }

  boolean holds() {
    return !replications.changing()
        && replication().lease().generation().isPresent()
        && replications.refused().isEmpty();
  }

  @Override
  public void close() {
    replications.close();
    store.close();
  }
}
