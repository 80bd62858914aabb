package dev.muster.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class WriterTest {
  @TempDir private Path folder;
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private StoreFixture store;

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder);
  }

  @AfterEach
  void close() {
    callers.shutdownNow();
    store.close();
  }

  @Test
  void failingClosureLosesItsOwnChangesAndNothingElse() throws Exception {
    Hold hold = hold();
    Future<?> before = put("before", "1");
    Future<?> bad =
        callers.submit(() ->
            store.run(tx -> {
              Facts.put(tx, "half", "done");
              throw new IllegalArgumentException("on purpose");
            }));
    Future<?> after = put("after", "2");
    awaitWaiting(3);
    long commits = store.writer().commits();
    hold.release();

    before.get();
    after.get();
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(bad::get)
        .withCauseInstanceOf(IllegalArgumentException.class);
    assertThat(fact("before")).isEqualTo("1");
    assertThat(fact("after")).isEqualTo("2");
    assertThat(fact("half")).isEqualTo("absent");
    assertThat(store.writer().commits() - commits)
        .as("the holding commit and one for all three")
        .isEqualTo(2);
  }

  @Test
  void duplicateKeyIsToldApartAndLeavesTheOthersAlone() throws Exception {
    store.run(tx -> insert(tx, "taken"));
    assertThatExceptionOfType(DuplicateKeyException.class)
        .isThrownBy(() -> store.run(tx -> insert(tx, "taken")));

    store.run(tx -> insert(tx, "next"));
    assertThat(fact("next")).isEqualTo("x");
  }

  @Test
  void acknowledgementsGoAheadOfHousekeeping() throws Exception {
    Hold hold = hold();
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    List<Future<?>> all = new ArrayList<>();
    // More than one commit takes, so that who waits for the second is seen.
    for (int i = 0; i < Writer.BATCH; i++) {
      all.add(
          callers.submit(
              () -> store.writer().run(Priority.HOUSEKEEPING, tx -> order.add("housekeeping"))));
    }
    awaitWaiting(Writer.BATCH);
    all.add(
        callers.submit(() -> store.writer().run(Priority.RECONCILE, tx -> order.add("reconcile"))));
    all.add(
        callers.submit(
            () -> store.writer().run(Priority.ACKNOWLEDGE, tx -> order.add("acknowledge"))));
    awaitWaiting(Writer.BATCH + 2);
    hold.release();
    for (Future<?> one : all) {
      one.get();
    }
    assertThat(order).startsWith("acknowledge", "reconcile", "housekeeping");
  }

  @Test
  void signalsComeAfterTheCommitAndNotFromFailedClosures() {
    List<String> signals = Collections.synchronizedList(new ArrayList<>());
    store.run(tx -> {
      Facts.put(tx, "seen", "committed");
      tx.afterCommit(() -> signals.add(fact("seen")));
    });
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() ->
            store.run(tx -> {
              tx.afterCommit(() -> signals.add("never"));
              throw new IllegalStateException();
            }));
    store.run(tx ->
        tx.afterCommit(() -> {
          throw new IllegalStateException("a bad signal");
        }));
    store.run(tx -> Facts.put(tx, "later", "1"));
    assertThat(signals).containsExactly("committed");
  }

  @Test
  void sealsOfFailedClosuresAreNotLinked() {
    store.close();
    List<Integer> linked = Collections.synchronizedList(new ArrayList<>());
    Sealer counting =
        new Sealer() {
          @Override
          public long last(Read read) {
            return linked.size();
          }

          @Override
          public void link(Tx tx, List<byte[]> digests) {
            linked.add(digests.size());
          }
        };
    store = StoreFixture.open(folder, counting);
    store.run(tx -> tx.seal(new byte[] {1}));
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() ->
            store.run(tx -> {
              tx.seal(new byte[] {2});
              throw new IllegalStateException();
            }));
    store.run(tx -> Facts.put(tx, "unsealed", "1"));
    assertThat(store.write(Tx::batch)).isEqualTo(2);
    assertThat(linked).containsExactly(1);
  }

  @Test
  void errorInAClosureReachesItsCallerAndTheWriterLivesOn() {
    assertThatExceptionOfType(StackOverflowError.class)
        .isThrownBy(() ->
            store.run(tx -> {
              throw new StackOverflowError("on purpose");
            }));
    store.run(tx -> Facts.put(tx, "alive", "1"));
    assertThat(fact("alive")).isEqualTo("1");
  }

  @Test
  void errorInTheSealerReachesEveryCallerAndTheWriterLivesOn() {
    store.close();
    Sealer failingOnce =
        new Sealer() {
          private boolean failed;

          @Override
          public long last(Read read) {
            return 0;
          }

          @Override
          public void link(Tx tx, List<byte[]> digests) {
            if (!failed) {
              failed = true;
              throw new OutOfMemoryError("on purpose");
            }
          }
        };
    store = StoreFixture.open(folder, failingOnce);
    assertThatExceptionOfType(StoreUnavailableException.class)
        .isThrownBy(() ->
            store.run(tx -> {
              Facts.put(tx, "sealed", "1");
              tx.seal(new byte[1]);
            }));
    assertThat(store.writer().failing()).isTrue();
    store.run(tx -> tx.seal(new byte[1]));
    assertThat(store.writer().failing()).isFalse();
    assertThat(fact("sealed")).isEqualTo("absent");
  }

  @Test
  void writingFromWithinAClosureIsRefusedRatherThanWaitingForEver() {
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> store.run(tx -> store.run(inner -> Facts.put(inner, "a", "b"))))
        .withMessageContaining("Tx");
  }

  @Test
  void closingFinishesWhatWaitsAndRefusesTheRest() throws Exception {
    Hold hold = hold();
    Future<?> waiting = put("waiting", "1");
    awaitWaiting(1);
    Future<?> closing = callers.submit(() -> store.writer().close());
    hold.release();
    closing.get();
    waiting.get();
    assertThat(fact("waiting")).isEqualTo("1");
    assertThatExceptionOfType(StoreUnavailableException.class)
        .isThrownBy(() -> store.run(tx -> Facts.put(tx, "late", "1")));
  }

  @Test
  void whatWasWrittenIsThereAfterReopening() {
    store.run(tx -> Facts.put(tx, "kept", "1"));
    store.close();
    store = StoreFixture.open(folder);
    assertThat(fact("kept")).isEqualTo("1");
  }

  @Test
  void saysHowLongTheBatchInHandTakes() throws Exception {
    assertThat(store.writer().busy()).isZero();
    Hold hold = hold();
    Duration first = store.writer().busy();
    assertThat(first).isPositive();
    assertThat(store.writer().busy()).as("the same batch").isGreaterThan(first);
    hold.release();
    put("after", "1").get();
    while (store.writer().busy().isPositive()) {
      Thread.onSpinWait(); // the callers are released a moment before
    }
    assertThat(store.writer().ended()).isFalse();
    store.writer().close();
    assertThat(store.writer().ended()).isTrue();
  }

  @Test
  void saysThatManyWaitForAnAnswerWhileTheyDo() throws Exception {
    put("alone", "1").get();
    assertThat(store.writer().pressed()).isFalse();
    Hold hold = hold();
    List<Future<?>> burst = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      int number = i;
      burst.add(
          callers.submit(() ->
              store
                  .writer()
                  .run(Priority.ACKNOWLEDGE, tx -> Facts.put(tx, "many " + number, "1"))));
    }
    awaitWaiting(16);
    CountDownLatch told = new CountDownLatch(1);
    List<Boolean> pressed = Collections.synchronizedList(new ArrayList<>());
    store
        .writer()
        .onCommit(() -> {
          pressed.add(store.writer().pressed());
          told.countDown();
        });
    hold.release();
    for (Future<?> one : burst) {
      one.get();
    }
    told.await();
    assertThat(pressed).contains(true);
    while (store.writer().pressed()) {
      Thread.onSpinWait(); // for a moment after the last of them
    }
    put("alone again", "1").get();
    assertThat(store.writer().pressed()).isFalse();
  }

  /** Keeps the writer in a commit, so that what comes next waits together. */
  private Hold hold() throws InterruptedException {
    Hold hold = new Hold(new CountDownLatch(1), new CountDownLatch(1));
    callers.execute(() -> store.writer().run(Priority.ACKNOWLEDGE, tx -> hold.stay()));
    hold.entered().await();
    return hold;
  }

  private record Hold(CountDownLatch entered, CountDownLatch left) {
    void stay() {
      entered.countDown();
      try {
        left.await(20, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void release() {
      left.countDown();
    }
  }

  private Future<?> put(String name, String value) {
    return callers.submit(() -> store.run(tx -> Facts.put(tx, name, value)));
  }

  private void awaitWaiting(int depth) {
    while (store.writer().depth() < depth) {
      assertThat(Thread.currentThread().isInterrupted()).as("timed out").isFalse();
      Thread.onSpinWait();
    }
  }

  private static void insert(Tx tx, String name) {
    tx.update("insert into fact (name, content) values (?, 'x')", name);
  }

  private String fact(String name) {
    return store.read(read -> Facts.get(read, name)).orElse("absent");
  }
}
