package dev.muster.kernel.replication;

import static dev.muster.kernel.replication.RunningRegion.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.store.Tx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
class ReplicationTest {
  /** Beats every tenth of a second. */
  private static final Map<String, Succession.Rule> RULES =
      Map.of("north", new Succession.Rule(List.of("south"), Duration.ofMillis(900)));

  @TempDir private Path folder;
  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private final GlobalTable table = new GlobalTable();
  private final Set<String> answering = ConcurrentHashMap.newKeySet();

  private RunningRegion start(String holder, SharedTable replica) {
    return new RunningRegion(
        "west",
        holder,
        folder.resolve(holder),
        replica,
        time,
        answering::contains,
        RULES,
        List.of(new Counters()));
  }

  private static Optional<String> refused(RunningRegion region) {
    return region.replications().refused();
  }

  @Test
  void aRegionThatWasLostIsTakenAgainWhenItsRivalHasGone() {
    CutOff cutOff = new CutOff(table.in("west"));
    answering.add("http://first");
    try (RunningRegion first = start("first", cutOff)) {
      until(first::holds);
      try (RunningRegion second = start("second", table.in("west"))) {
        until(() -> refused(second).isPresent());
        assertThat(refused(second).orElseThrow()).contains("http://first");
        assertThat(second.replication().hold()).isEqualTo(refused(second));

        cutOff.away = true;
        answering.remove("http://first");
        time.pass(Duration.ofSeconds(91));
        until(second::holds);
        answering.add("http://second");
        cutOff.away = false;
        until(() -> refused(first).filter(said -> said.contains("http://second")).isPresent());
        assertThat(first.replication().lease().generation()).isEmpty();
      }
      // The second has stopped in good order: nobody waits for its lease to age.
      answering.remove("http://second");
      until(first::holds);
      assertThat(first.replication().lease().generation()).hasValue(3);
    }
  }

  @Test
  void whatCouldNotBeKeptWhenItCameIsTakenAgain() {
    AtomicInteger failures = new AtomicInteger(2);
    ReplicatedKind failing =
        new Counters() {
          @Override
          public void arrived(Tx tx, String environment, Item item) {
            if (failures.getAndDecrement() > 0) {
              throw new TransientException("the disk is full", null);
            }
          }
        };
    GlobalTable.Replica north = table.in("north");
    try (RunningRegion west =
        new RunningRegion(
            "west",
            "west",
            folder.resolve("west"),
            table.in("west"),
            time,
            address -> true,
            RULES,
            List.of(failing))) {
      until(() -> west.replication().caughtUpAt().isPresent());
      north.plant(
          new Item(
              new Item.Key("north", "counter", "a"),
              1,
              1,
              time.instant(),
              false,
              Optional.empty(),
              "{\"value\":7}"));
      table.settle();
      until(() -> west.store().read(read -> !Mirror.of(read, "counter", "a").isEmpty()));
      assertThat(failures.get()).isNegative();
    }
  }

  /** One appliance's way to a table, which may be cut while another's is not. */
  private static final class CutOff implements SharedTable {
    private final SharedTable table;
    volatile boolean away;

    CutOff(SharedTable table) {
      this.table = table;
    }

    private SharedTable there() {
      if (away) {
        throw new TransientException("cut off", null);
      }
      return table;
    }

    @Override
    public String name() {
      return table.name();
    }

    @Override
    public void check() {
      there().check();
    }

    @Override
    public List<Item> write(List<Item> items) {
      return there().write(items);
    }

    @Override
    public Page read(String writer, int shard, Optional<String> after) {
      return there().read(writer, shard, after);
    }

    @Override
    public List<Lease> leases() {
      return there().leases();
    }

    @Override
    public boolean write(Lease lease, Optional<Lease> expected) {
      return there().write(lease, expected);
    }

    @Override
    public Feed follow() {
      Feed feed = there().follow();
      return () -> {
        there();
        return feed.poll();
      };
    }

    @Override
    public void close() {
      table.close();
    }
  }
}
