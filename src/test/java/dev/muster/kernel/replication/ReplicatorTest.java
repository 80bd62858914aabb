package dev.muster.kernel.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.reconcile.TransientException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class ReplicatorTest {
  @TempDir private Path folder;
  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private final GlobalTable table = new GlobalTable();
  private final Deque<RegionFixture> opened = new ArrayDeque<>();
  private int homes;

  @AfterEach
  void close() {
    opened.forEach(RegionFixture::close);
  }

  private RegionFixture region(String name) {
    return region(name, folder.resolve(name + homes++), name + "-holder");
  }

  private RegionFixture region(String name, Path home, String holder) {
    RegionFixture made =
        new RegionFixture(name, holder, home, table.in(name), time, Map.of(), address -> false);
    opened.push(made);
    return made.begin();
  }

  @Test
  void whatChangesInOneRegionIsSeenInTheOther() {
    RegionFixture west = region("west");
    RegionFixture north = region("north");
    west.raise("a");
    west.raise("a");
    west.raise("b");
    west.send();
    assertThat(table.written())
        .as("one item for an aggregate, however often it changed")
        .isEqualTo(2);
    table.settle();
    north.take();
    assertThat(north.seen("west")).isEqualTo(Map.of("a", 2L, "b", 1L));
    assertThat(north.own()).as("what is another's is never one's own").isEmpty();
  }

  @Test
  void itemsThatCameBeforeTheirWritersFirstLeaseAreReadWithIt() {
    GlobalTable.Replica there = table.in("north");
    RegionFixture west = region("west");
    west.raise("a");
    west.send();
    there.plant(west.item("a").orElseThrow());
    RegionFixture north = region("north");
    assertThat(north.seen("west")).as("nobody said yet that there is a west").isEmpty();
    Lease lease = west.lease.own().orElseThrow();
    north.replicator.take(
        new SharedTable.Batch(java.util.List.of(), java.util.List.of(lease), java.util.List.of()));
    assertThat(north.seen("west")).isEqualTo(Map.of("a", 1L));
  }

  @Test
  void whatIsGoneHereIsGoneThere() {
    RegionFixture west = region("west");
    RegionFixture north = region("north");
    west.raise("a");
    west.send();
    west.store.run(tx -> Counters.remove(tx, "a"));
    west.send();
    table.settle();
    north.take();
    assertThat(north.seen("west")).isEmpty();
    assertThat(west.item("a").orElseThrow().expires()).as("the table forgets it too").isPresent();
  }

  @Test
  void whatTheTableHasAlreadyIsNotWrittenAgain() {
    RegionFixture west = region("west");
    west.raise("a");
    west.send();
    west.store.run(tx -> tx.changed(Counters.ENVIRONMENT, "counter", "a"));
    west.replicator.seed();
    west.send();
    assertThat(table.written()).isEqualTo(1);
    assertThat(west.store.read(read -> Outbox.backlog(read, Counters.ENVIRONMENT)).count())
        .isZero();
  }

  @Test
  void olderAndRepeatedItemsChangeNothing() {
    RegionFixture west = region("west");
    RegionFixture north = region("north");
    west.raise("a");
    west.send();
    Item first = west.item("a").orElseThrow();
    west.raise("a");
    west.send();
    Item second = west.item("a").orElseThrow();
    north.replicator.take(batch(second));
    north.replicator.take(batch(first));
    north.replicator.take(batch(second));
    assertThat(north.seen("west")).isEqualTo(Map.of("a", 2L));
  }

  private static SharedTable.Batch batch(Item item) {
    return new SharedTable.Batch(java.util.List.of(item), java.util.List.of(), java.util.List.of());
  }

  @Test
  void whatTheStreamSkippedIsFoundByReadingAll() {
    RegionFixture west = region("west");
    RegionFixture north = region("north");
    west.raise("a");
    west.send();
    table.settle(); // and north never asks its feed
    north.replicator.reread();
    assertThat(north.seen("west")).isEqualTo(Map.of("a", 1L));
  }

  @Test
  void aTableThatIsAwayDelaysAndLosesNothing() {
    RegionFixture west = region("west");
    table.in("west").away(true);
    west.raise("a");
    west.raise("a");
    assertThatThrownBy(west.replicator::send).isInstanceOf(TransientException.class);
    assertThat(west.store.read(read -> Outbox.backlog(read, Counters.ENVIRONMENT)).count())
        .isEqualTo(1);
    table.in("west").away(false);
    west.send();
    assertThat(table.written()).as("written once").isEqualTo(1);
  }

  @Test
  void whatTheTableDidNotTakeStays() {
    RegionFixture west = region("west");
    for (int i = 0; i < 10; i++) {
      west.raise("n" + i);
    }
    table.in("west").room(4);
    assertThat(west.replicator.send()).isEqualTo(new Replicator.Turn(4, 6));
    table.in("west").room(Integer.MAX_VALUE);
    west.send();
    assertThat(table.written()).isEqualTo(10);
  }

  @Test
  void anEmptiedApplianceIsRebuiltFromTheTable() {
    RegionFixture west = region("west");
    west.raise("a");
    west.raise("a");
    west.raise("b");
    west.send();
    west.close();
    opened.remove(west);
    RegionFixture again = region("west");
    assertThat(again.own()).isEqualTo(Map.of("a", 2L, "b", 1L));
    assertThat(again.lease.generation()).hasValue(2);
    again.raise("a");
    again.send();
    assertThat(again.item("a").orElseThrow().body()).isEqualTo("{\"value\":3}");
  }

  @Test
  void aRestoredBackupLearnsWhatItHadWrittenSince() throws Exception {
    Path home = folder.resolve("home");
    RegionFixture west = region("west", home, "holder");
    west.raise("a");
    west.send();
    Path backup = folder.resolve("backup.zip");
    west.store.database().backupTo(backup);
    west.raise("a");
    west.raise("a");
    west.send();
    west.close();
    opened.remove(west);
    Path restored = folder.resolve("restored");
    unzip(backup, restored);
    RegionFixture again = region("west", restored, "holder");
    assertThat(again.own()).isEqualTo(Map.of("a", 3L));
    again.raise("a");
    again.send();
    RegionFixture north = region("north");
    table.settle();
    north.replicator.reread();
    assertThat(north.seen("west")).isEqualTo(Map.of("a", 4L));
  }

  private static void unzip(Path zip, Path into) throws Exception {
    java.nio.file.Files.createDirectories(into);
    try (java.util.zip.ZipFile file = new java.util.zip.ZipFile(zip.toFile())) {
      for (var entry : java.util.Collections.list(file.entries())) {
        java.nio.file.Files.copy(
            file.getInputStream(entry), into.resolve(Path.of(entry.getName()).getFileName()));
      }
    }
  }

  @Test
  void anItemThatDoesNotParseIsLeftAloneAndSaid() {
    RegionFixture north = region("north");
    Item bad =
        new Item(
            new Item.Key("west", "counter", "a"),
            1,
            1,
            time.instant(),
            false,
            Optional.empty(),
            "{}");
    Item unknown =
        new Item(
            new Item.Key("west", "future", "a"),
            1,
            1,
            time.instant(),
            false,
            Optional.empty(),
            "{}");
    table.in("north").plant(bad);
    table.in("north").plant(unknown);
    north.take();
    assertThat(north.replicator.unusable()).isEqualTo(1);
    assertThat(north.store.read(Notices::all))
        .singleElement()
        .satisfies(notice ->
            assertThat(notice.message())
                .contains("counter a of west")
                .contains("it is no counter"));
  }

  @Test
  void aClockThatIsWrongOrdersNothing() {
    RegionFixture west = region("west");
    RegionFixture north = region("north");
    west.raise("a");
    west.send();
    time.pass(Duration.ofMinutes(-5));
    west.raise("a");
    west.send();
    table.settle();
    north.take();
    assertThat(north.seen("west")).isEqualTo(Map.of("a", 2L));
  }

  @Test
  void reorderedAndDoubledDeliveryEndsInTheSame() {
    RegionFixture west = region("west");
    RegionFixture north = region("north");
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      west.raise("n" + random.nextInt(10));
      if (random.nextInt(3) == 0) {
        west.send();
      }
      table.move(2, random);
      north.take();
    }
    west.send();
    table.settle();
    north.take();
    assertThat(north.seen("west")).isEqualTo(west.own());
  }
}
