package dev.muster.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ReadersTest {
  private static final int TURNS = 16;

  @TempDir private Path folder;
  private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();
  private StoreFixture store;

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder);
  }

  @AfterEach
  void close() {
    readers.shutdownNow();
    store.close();
  }

  @Test
  void aReadSeesOneStateWhateverIsWrittenMeanwhile() {
    store.run(tx -> tx.update("create table one (n int)"));
    store.run(tx -> tx.update("create table other (n int)"));
    String ones = "select count(*) n from one";
    String others = "select count(*) n from other";
    List<Long> seen =
        store.read(read -> {
          long before = read.count(ones);
          store.run(tx -> tx.update("insert into one values (1)"));
          store.run(tx -> tx.update("insert into other values (1)"));
          return List.of(before, read.count(ones), read.count(others));
        });
    assertThat(seen)
        .as("of a table that was read before, and of one that was not")
        .containsOnly(0L);
    assertThat(store.<Long>read(read -> read.count(ones) + read.count(others))).isEqualTo(2);
  }

  @Test
  void connectionsAreKeptButNotForEver() {
    Set<Instant> begins = new HashSet<>();
    for (int i = 0; i < 2_500; i++) {
      begins.add(
          store.read(read ->
              read.first(
                      """
                      select session_start from information_schema.sessions
                      where session_id = session_id()
                      """,
                      row -> row.instant("session_start"))
                  .orElseThrow()));
    }
    assertThat(begins).as("so that queries are planned for tables as they are now").hasSize(3);
  }

  @Test
  void sixteenReadAtATimeAndMoreWaitForOneToBeDone() throws Exception {
    CountDownLatch all = new CountDownLatch(TURNS);
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger now = new AtomicInteger();
    List<Future<Integer>> readings = new ArrayList<>();
    for (int i = 0; i < 3 * TURNS; i++) {
      readings.add(
          readers.submit(() ->
              store.read(read -> {
                int abreast = now.incrementAndGet();
                all.countDown();
                await(end);
                now.decrementAndGet();
                return abreast;
              })));
    }
    all.await();
    end.countDown();
    for (Future<Integer> reading : readings) {
      assertThat(reading.get()).isBetween(1, TURNS);
    }
  }

  @Test
  void readWithinAReadWaitsForNobody() throws Exception {
    store.run(tx -> Facts.put(tx, "fact", "known"));
    CountDownLatch all = new CountDownLatch(TURNS);
    List<Future<String>> readings = new ArrayList<>();
    for (int i = 0; i < TURNS; i++) {
      readings.add(
          readers.submit(() ->
              store.read(outer -> {
                all.countDown();
                await(all);
                return store.read(inner -> Facts.get(inner, "fact").orElseThrow());
              })));
    }
    for (Future<String> reading : readings) {
      assertThat(reading.get()).isEqualTo("known");
    }
  }

  @Test
  void endWaitsForThoseWhoRead() throws Exception {
    CountDownLatch reads = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Future<Long> reading =
        readers.submit(() ->
            store.read(read -> {
              reads.countDown();
              await(end);
              return read.count("select 1 n");
            }));
    reads.await();
    Thread closing = Thread.ofPlatform().start(() -> store.database().close());
    while (closing.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait(); // until it waits for the reader
    }
    assertThatExceptionOfType(StoreUnavailableException.class)
        .as("it is closed to whoever comes now")
        .isThrownBy(() -> store.read(read -> read.count("select 1 n")))
        .withMessageContaining("closed");
    end.countDown();
    assertThat(reading.get()).as("and open to whoever is there").isEqualTo(1);
    closing.join();
  }

  @Test
  void failedReadGivesItsTurnBack() {
    for (int i = 0; i < 2 * TURNS; i++) {
      assertThatIllegalArgumentException()
          .isThrownBy(() ->
              store.read(read -> {
                throw new IllegalArgumentException("on purpose");
              }));
    }
    assertThat(store.<Long>read(read -> read.count("select 1 n"))).isEqualTo(1);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
