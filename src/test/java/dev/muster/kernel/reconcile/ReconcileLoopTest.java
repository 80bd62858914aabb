package dev.muster.kernel.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.queue.WorkItem;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.StoreFixture;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.kernel.tracing.TraceContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Timeout(30)
@Execution(ExecutionMode.CONCURRENT)
class ReconcileLoopTest {
  private static final WorkKey A = new WorkKey("thing", "a");

  @TempDir private Path folder;
  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private final WorkQueue queue = new WorkQueue();
  private final Things things = new Things();
  private final BlockingQueue<String> observed = new LinkedBlockingQueue<>();

  /** Holds up threads that have stored their outcome. */
  private final Semaphore slow = new Semaphore(1_000);

  private StoreFixture store;
  private ReconcileLoop loop;

  /** Does what the test says next, and tells when it was called. */
  private final class Things implements Reconciler<String> {
    final BlockingQueue<Instant> calls = new LinkedBlockingQueue<>();
    final Semaphore gate = new Semaphore(0);
    final AtomicInteger inside = new AtomicInteger();
    final AtomicInteger most = new AtomicInteger();
    volatile boolean gated;
    volatile @Nullable RuntimeException failure;
    volatile Outcome outcome = new Outcome.Done();

    @Override
    public String kind() {
      return "thing";
    }

    @Override
    public String key(String name) {
      return name;
    }

    @Override
    public int concurrency() {
      return 3;
    }

    @Override
    public Outcome reconcile(String key, Optional<TraceContext> trace) throws InterruptedException {
      most.accumulateAndGet(inside.incrementAndGet(), Math::max);
      calls.add(time.instant());
      try {
        if (gated) {
          gate.acquire();
        }
        if (failure != null) {
          throw failure;
        }
        return outcome;
      } finally {
        inside.decrementAndGet();
      }
    }
  }

  @BeforeEach
  void start() {
    store = StoreFixture.open(folder);
    loop = newLoop();
    loop.register(things);
    loop.start();
  }

  private ReconcileLoop newLoop() {
    return new ReconcileLoop(
        store.database(),
        store.writer(),
        queue,
        time,
        time,
        new Random(1),
        this::observe,
        Telemetry.OFF);
  }

  private void observe(String kind, Duration took, String outcome) {
    observed.add(outcome);
    slow.acquireUninterruptibly();
  }

  @AfterEach
  void stop() {
    slow.release(1_000);
    things.gate.release(1_000);
    loop.close();
    store.close();
  }

  @Test
  void dueKeyIsReconciledAtOnceAndIsGone() throws InterruptedException {
    due(A, time.instant());
    assertThat(call()).isEqualTo(time.instant());
    settled("Done");
    await(items -> items.isEmpty());
  }

  /** The thread that stored an outcome may be slower to go than the loop is to claim the key. */
  @Test
  void keyThatIsClaimedBeforeItsLastWorkerHasGoneIsWorkedOn() throws InterruptedException {
    things.gated = true;
    slow.drainPermits();
    due(A, time.instant());
    call();
    due(A, time.instant()); // while it is worked on
    things.gate.release();
    settled("Done"); // its outcome is stored, and its thread is held up
    await(items -> items.getFirst().leasedUntil().isPresent()); // the loop has claimed it again
    things.gate.release();
    slow.release(1_000);
    call();
    await(items -> items.isEmpty());
  }

  @Test
  void futureKeyWaitsForItsTimeOnOneTimer() throws InterruptedException {
    Instant due = time.instant().plusSeconds(60);
    due(A, due);
    awaitTimer(due);
    assertThat(things.calls).isEmpty();
    time.pass(Duration.ofSeconds(60));
    assertThat(call()).isEqualTo(due);
  }

  @Test
  void requeuedKeyComesBackAfterItsDelayAndNotBefore() throws InterruptedException {
    things.outcome = new Outcome.RequeueAfter(Duration.ofSeconds(60));
    due(A, time.instant());
    Instant first = call();
    awaitTimer(first.plusSeconds(60));
    time.pass(Duration.ofSeconds(59));
    assertThat(things.calls).isEmpty();
    time.pass(Duration.ofSeconds(1));
    assertThat(call()).isEqualTo(first.plusSeconds(60));
  }

  @Test
  void failuresBackOffLongerAndLongerUpToTheCeilingAndSuccessForgetsThem()
      throws InterruptedException {
    things.failure = new TransientException("no route", null);
    due(A, time.instant());
    Duration longest = Duration.ZERO;
    for (int failures = 1; failures <= 12; failures++) {
      Instant at = call();
      settled("failed");
      Instant next = await(items -> retried(items, at)).getFirst().due();
      Duration wait = Duration.between(at, next);
      Duration step = Duration.ofSeconds(Math.min(300, 1L << (failures - 1)));
      assertThat(wait).isBetween(step.dividedBy(2), step);
      longest = wait.compareTo(longest) > 0 ? wait : longest;
      awaitTimer(next);
      if (failures == 12) {
        things.failure = null;
      }
      time.pass(wait);
    }
    assertThat(longest).isGreaterThanOrEqualTo(Duration.ofSeconds(150));
    call();
    await(List::isEmpty);
  }

  @Test
  void otherSidesWishToWaitLongerIsHonoured() throws InterruptedException {
    things.failure = new TransientException("rate limit", null, Duration.ofMinutes(20));
    due(A, time.instant());
    Instant at = call();
    assertThat(await(items -> retried(items, at)).getFirst().due())
        .isEqualTo(at.plus(Duration.ofMinutes(20)));
  }

  @Test
  void bugIsTriedAgainWithBackoffToo() throws InterruptedException {
    things.failure = new IllegalStateException("a bug, on purpose");
    due(A, time.instant());
    Instant at = call();
    WorkItem item = await(items -> retried(items, at)).getFirst();
    assertThat(item.attempts()).isEqualTo(1);
    assertThat(item.lastError()).contains("a bug, on purpose");
  }

  @Test
  void stalledKeyIsVisibleAndWaitsForChangedInput() throws InterruptedException {
    things.failure = new StalledException("no such runner: " + "x".repeat(3_000), null);
    due(A, time.instant());
    call();
    settled("Stalled");
    WorkItem item = await(items -> items.getFirst().stalled().isPresent()).getFirst();
    assertThat(item.stalled().orElseThrow()).startsWith("no such runner").hasSize(1_000);
    time.pass(Duration.ofMinutes(14));
    assertThat(things.calls).isEmpty();

    things.failure = null;
    due(A, time.instant());
    call();
    await(List::isEmpty);
  }

  @Test
  void stalledOutcomeOfAnyLengthIsKept() throws InterruptedException {
    things.outcome = new Outcome.Stalled("y".repeat(3_000));
    due(A, time.instant());
    call();
    settled("Stalled");
    await(items -> items.getFirst().stalled().isPresent());
  }

  @Test
  void keysOfAKindAreWorkedOnTogetherUpToItsConcurrency() throws InterruptedException {
    things.gated = true;
    for (int i = 0; i < 20; i++) {
      due(new WorkKey("thing", "k" + i), time.instant());
    }
    for (int i = 0; i < 3; i++) {
      call();
    }
    assertThat(things.inside).hasValue(3);
    things.gate.release(20);
    await(List::isEmpty);
    assertThat(things.most).hasValue(3);
  }

  @Test
  void keyIsNeverWorkedOnTwiceAtATimeEvenWhenItsLeaseEnds() throws InterruptedException {
    things.gated = true;
    due(A, time.instant());
    call();
    awaitTimer(time.instant().plus(ReconcileLoop.LEASE));
    time.pass(ReconcileLoop.LEASE);
    awaitTimer(time.instant().plus(ReconcileLoop.LEASE));
    assertThat(things.calls).isEmpty();
    things.gate.release();
    await(List::isEmpty);
  }

  @Test
  void whatBecomesDueDuringItsReconcileIsReconciledOnceMore() throws InterruptedException {
    things.gated = true;
    due(A, time.instant());
    call();
    due(A, time.instant());
    things.gate.release();
    call();
    things.gate.release();
    await(List::isEmpty);
    assertThat(things.calls).isEmpty();
  }

  @Test
  void unknownKindStallsAndTheOthersGoOn() throws InterruptedException {
    due(new WorkKey("elder", "x"), time.instant());
    due(A, time.instant());
    call();
    List<WorkItem> left =
        await(items -> items.size() == 1 && items.getFirst().stalled().isPresent());
    assertThat(left.getFirst().key().kind()).isEqualTo("elder");
  }

  @Test
  void nextStartTakesUpWhatAnEarlierProcessHadInHand() throws InterruptedException {
    things.gated = true;
    due(A, time.instant());
    call();
    loop.close();
    things.gated = false;
    loop = newLoop();
    loop.register(things);
    loop.start();
    call();
    await(List::isEmpty);
  }

  private void due(WorkKey key, Instant at) {
    store.run(tx -> queue.due(tx, key, at, Optional.empty()));
  }

  private Instant call() throws InterruptedException {
    Instant call = things.calls.poll(10, TimeUnit.SECONDS);
    assertThat(call).as("a reconcile").isNotNull();
    return java.util.Objects.requireNonNull(call);
  }

  private void settled(String outcome) throws InterruptedException {
    assertThat(observed.poll(10, TimeUnit.SECONDS)).isEqualTo(outcome);
  }

  private static boolean retried(List<WorkItem> items, Instant at) {
    return !items.isEmpty()
        && items.getFirst().leasedUntil().isEmpty()
        && items.getFirst().due().isAfter(at);
  }

  /** The queue once it is as said; the loop's threads run in real time. */
  private List<WorkItem> await(Predicate<List<WorkItem>> wanted) {
    List<WorkItem> items = store.read(read -> WorkQueue.items(read, 100));
    while (!wanted.test(items)) {
      assertThat(Thread.currentThread().isInterrupted()).as("timed out on " + items).isFalse();
      Thread.onSpinWait();
      items = store.read(read -> WorkQueue.items(read, 100));
    }
    return items;
  }

  private void awaitTimer(Instant due) {
    while (!time.next().equals(Optional.of(due))) {
      assertThat(Thread.currentThread().isInterrupted()).as("timed out").isFalse();
      Thread.onSpinWait();
    }
  }
}
