package dev.muster.kernel.replication.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.replication.Item;
import dev.muster.kernel.replication.Mirror;
import dev.muster.kernel.replication.Outbox;
import dev.muster.kernel.replication.RegionLease;
import dev.muster.kernel.replication.ReplicatedKind;
import dev.muster.kernel.replication.Replication;
import dev.muster.kernel.replication.Replicator;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.StoreFixture;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.tracing.Telemetry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How quick the replication is against DynamoDB's emulator. Both regions are at one table, so that
 * nothing of a global table's own delay is in the figures. Nothing fails by a figure.
 */
class ReplicationFiguresIT {
  private static final InstantSource CLOCK = InstantSource.system();
  private static final String ENVIRONMENT = "prod";
  private static final String REGION = "eu-west-1";
  private static final int CHANGES = Integer.getInteger("muster.replication.changes", 1_000);
  private static final int BACKLOG = Integer.getInteger("muster.replication.backlog", 5_000);

  @TempDir private Path folder;

  /** Aggregates that are what they are called, and change whenever somebody says so. */
  private static final class Names implements ReplicatedKind {
    @Override
    public String kind() {
      return "job";
    }

    @Override
    public Optional<State> state(Read read, String environment, String name) {
      String body = "{\"name\":\"%s\",\"text\":\"%s\"}".formatted(name, "x".repeat(700));
      return Optional.of(new State(body, Optional.empty()));
    }

    @Override
    public List<String> names(Read read, String environment) {
      return List.of();
    }

    @Override
    public void restore(Tx tx, String environment, Item item) {}
  }

  private record Region(StoreFixture store, Replication replication) implements AutoCloseable {
    @Override
    public void close() {
      replication.close();
      store.close();
    }
  }

  private Region region(String name, DynamoDbTable table) {
    StoreFixture store = StoreFixture.open(folder.resolve(name));
    Outbox outbox = new Outbox(CLOCK);
    store.writer().changesTo(outbox);
    RegionLease lease =
        new RegionLease(
            new RegionLease.Self(name, name, "http://" + name, "1"),
            table,
            CLOCK,
            Map.of(),
            address -> false,
            () -> new RegionLease.News(Optional.empty(), Optional.empty()),
            Map.of());
    Replicator replicator =
        new Replicator(
            ENVIRONMENT,
            store.database(),
            store.writer(),
            CLOCK,
            table,
            lease,
            Telemetry.OFF,
            List.of(new Names()));
    Replication replication =
        new Replication(
            ENVIRONMENT,
            store.database(),
            store.writer(),
            CLOCK,
            outbox,
            table,
            lease,
            replicator,
            new Replication.Listener() {
              @Override
              public void caughtUp(Tx tx, String environment) {}

              @Override
              public void taken(
                  Tx tx, String environment, String from, RegionLease.Takeover takeover) {}
            });
    replication.start();
    return new Region(store, replication);
  }

  private static void until(java.util.function.BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("within 120 s").isLessThan(end);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  @Test
  @Timeout(300)
  void changesAreSeenInTheOtherRegionAndABacklogDrains() throws Exception {
    try (DynamoDbLocal local = DynamoDbLocal.start();
        Region west = region("west", local.table(REGION, "muster-figures-state"));
        Region north =
            region(
                "north",
                new DynamoDbTable(
                    "muster-figures-state", local.client(REGION), local.streams(REGION)))) {
      until(() ->
          west.replication().caughtUpAt().isPresent()
              && north.replication().caughtUpAt().isPresent());
      List<Long> lags = lags(west, north);
      Collections.sort(lags);
      System.out.printf(
          "Commit to visible in the other region, %d changes at 200 a second: %d ms median, %d ms p99%n",
          lags.size(), lags.get(lags.size() / 2), lags.get(lags.size() * 99 / 100));
      drain(west, north);
    }
  }

  /** Milliseconds from the commit of each change to the commit that has it in the other region. */
  private static List<Long> lags(Region west, Region north) {
    long[] committed = new long[CHANGES];
    Thread changing =
        Thread.ofVirtual()
            .start(() -> {
              long began = System.nanoTime();
              for (int i = 0; i < CHANGES; i++) {
                long due = began + i * 5_000_000L;
                while (System.nanoTime() < due) {
                  LockSupport.parkNanos(due - System.nanoTime());
                }
                String name = "c" + i;
                int place = i;
                west.store().run(tx -> tx.changed(ENVIRONMENT, "job", name));
                committed[place] = System.nanoTime();
              }
            });
    List<Long> lags = new ArrayList<>();
    for (int i = 0; i < CHANGES; i++) {
      String name = "c" + i;
      until(() -> seen(north, name));
      lags.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - committed[i]));
    }
    try {
      changing.join(Duration.ofSeconds(30));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return lags;
  }

  private static boolean seen(Region region, String name) {
    return region.store().read(read -> !Mirror.of(read, "job", name).isEmpty());
  }

  private static void drain(Region west, Region north) {
    long began = System.nanoTime();
    west.store()
        .run(tx -> {
          for (int i = 0; i < BACKLOG; i++) {
            tx.changed(ENVIRONMENT, "job", "b" + i);
          }
        });
    until(() -> west.replication().backlog().count() == 0);
    double seconds = (System.nanoTime() - began) / 1e9;
    until(() -> seen(north, "b" + (BACKLOG - 1)));
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    System.out.printf(
        "Backlog of %d changed aggregates: %.0f a second to the emulator; heap after it %d MiB%n",
        BACKLOG, BACKLOG / seconds, (runtime.totalMemory() - runtime.freeMemory()) >> 20);
  }
}
