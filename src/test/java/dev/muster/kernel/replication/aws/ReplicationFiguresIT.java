package dev.muster.kernel.replication.aws;

import dev.muster.kernel.replication.Item;
import dev.muster.kernel.replication.Mirror;
import dev.muster.kernel.replication.ReplicatedKind;
import dev.muster.kernel.replication.RunningRegion;
import dev.muster.kernel.replication.SharedTable;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * How quick the replication is against DynamoDB's emulator. Both regions are at one table, so that
 * nothing of a global table's own delay is in the figures. Nothing fails by a figure.
 */
@Isolated("its figures are of a machine that does nothing else")
class ReplicationFiguresIT {
  private static final InstantSource CLOCK = InstantSource.system();
  private static final String ENVIRONMENT = "prod";
  private static final String REGION = "eu-west-1";
  private static final String TABLE = "muster-figures-state";
  private static final int CHANGES = Integer.getInteger("muster.replication.changes", 1_000);
  private static final int WARM_UP = 400;
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

  private RunningRegion region(String name, SharedTable table) {
    return new RunningRegion(
        name,
        name,
        folder.resolve(name),
        table,
        CLOCK,
        address -> false,
        Map.of(),
        List.of(new Names()));
  }

  @Test
  @Timeout(300)
  void changesAreSeenInTheOtherRegionAndABacklogDrains() throws Exception {
    try (DynamoDbLocal local = DynamoDbLocal.start()) {
      TimedTable written = new TimedTable(local.table(REGION, TABLE));
      TimedTable followed =
          new TimedTable(new DynamoDbTable(TABLE, local.client(REGION), local.streams(REGION)));
      try (RunningRegion west = region("west", written);
          RunningRegion north = region("north", followed)) {
        RunningRegion.until(() ->
            west.replication().caughtUpAt().isPresent()
                && north.replication().caughtUpAt().isPresent());
        ways(west, north, WARM_UP, "w"); // an appliance that works has been compiled
        print(ways(west, north, CHANGES, "c"), written, followed);
        drain(west, north);
      }
    }
  }

  /** When a change was committed, and when the other region was seen to have it. */
  private record Way(String name, long committed, long visible) {}

  private static List<Way> ways(
      RunningRegion west, RunningRegion north, int changes, String prefix) {
    long[] committed = new long[changes];
    Thread changing =
        Thread.ofVirtual()
            .start(() -> {
              long began = System.nanoTime();
              for (int i = 0; i < changes; i++) {
                long due = began + i * 5_000_000L;
                while (System.nanoTime() < due) {
                  LockSupport.parkNanos(due - System.nanoTime());
                }
                String name = prefix + i;
                int place = i;
                west.store().run(tx -> tx.changed(ENVIRONMENT, "job", name));
                committed[place] = System.nanoTime();
              }
            });
    List<Way> ways = new ArrayList<>();
    for (int i = 0; i < changes; i++) {
      String name = prefix + i;
      RunningRegion.until(() -> seen(north, name));
      ways.add(new Way(name, committed[i], System.nanoTime()));
    }
    try {
      changing.join(Duration.ofSeconds(30));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return ways;
  }

  /** The whole way, the part of it that is the table's, and ours, from stage to stage. */
  private static void print(List<Way> ways, TimedTable written, TimedTable followed) {
    List<Stages> all =
        ways.stream()
            .map(way -> new Stages(way, written.written(way.name()), followed.given(way.name())))
            .toList();
    System.out.printf(
        "Commit to visible in the other region, %d changes at 200 a second, median and p99%n",
        all.size());
    line(all, "all of it", Stages::whole);
    line(all, "without the table's calls", s -> s.whole() - s.table());
    line(all, "until it is being written", s -> s.written().begun() - s.way().committed());
    line(all, "the table writes", s -> s.written().took());
    line(all, "until it is asked for", s -> s.given().begun() - s.written().ended());
    line(all, "the table gives it", s -> s.given().took());
    line(all, "until it is visible", s -> s.way().visible() - s.given().ended());
  }

  private record Stages(Way way, TimedTable.Call written, TimedTable.Call given) {
    long whole() {
      return way.visible() - way.committed();
    }

    /** A change may be given while the call that wrote it goes on. */
    long table() {
      long both =
          Math.min(written.ended(), given.ended()) - Math.max(written.begun(), given.begun());
      return written.took() + given.took() - Math.max(0, both);
    }
  }

  private static void line(List<Stages> all, String what, ToLongFunction<Stages> nanos) {
    long[] sorted = all.stream().mapToLong(nanos).sorted().toArray();
    System.out.printf(
        "  %-26s %4d ms %4d ms%n",
        what,
        TimeUnit.NANOSECONDS.toMillis(sorted[sorted.length / 2]),
        TimeUnit.NANOSECONDS.toMillis(sorted[sorted.length * 99 / 100]));
  }

  private static boolean seen(RunningRegion region, String name) {
    return region.store().read(read -> !Mirror.of(read, "job", name).isEmpty());
  }

  private static void drain(RunningRegion west, RunningRegion north) {
    long began = System.nanoTime();
    west.store()
        .run(tx -> {
          for (int i = 0; i < BACKLOG; i++) {
            tx.changed(ENVIRONMENT, "job", "b" + i);
          }
        });
    List<Long> heap = new ArrayList<>();
    for (int quarter = 3; quarter >= 0; quarter--) {
      int left = BACKLOG * quarter / 4;
      RunningRegion.until(() -> west.replication().backlog().count() <= left);
      heap.add(liveMebibytes());
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    RunningRegion.until(() -> seen(north, "b" + (BACKLOG - 1)));
    System.out.printf(
        "Backlog of %d changed aggregates: %.0f a second to the emulator; live heap of both regions after each quarter %s MiB%n",
        BACKLOG, BACKLOG / seconds, heap);
  }

  private static long liveMebibytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) >> 20;
  }
}
