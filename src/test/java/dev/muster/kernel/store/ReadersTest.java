package dev.muster.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    Future<?> closing = readers.submit(() -> store.database().close());
    // It is closed to whoever comes now, and open to whoever is there.
    Future<?> late = readers.submit(() -> untilRefused());
    late.get();
    assertThat(closing.isDone()).isFalse();
    end.countDown();
    assertThat(reading.get()).isEqualTo(1);
    closing.get();
  }

  private void untilRefused() {
    while (true) {
      try {
        store.<Long>read(read -> read.count("select 1 n"));
      } catch (StoreUnavailableException e) {
        assertThat(e).hasMessageContaining("closed");
        return;
      }
    }
  }

  @Test
  void failedReadGivesItsTurnBack() {
    for (int i = 0; i < 2 * TURNS; i++) {
      try {
        store.read(read -> {
          throw new IllegalArgumentException("on purpose");
        });
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessage("on purpose");
      }
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
