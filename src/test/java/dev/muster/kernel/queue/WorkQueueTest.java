package dev.muster.kernel.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.store.StoreFixture;
import dev.muster.kernel.tracing.TraceContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkQueueTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration LEASE = Duration.ofMinutes(5);
  private static final WorkKey POOL = new WorkKey("pool", "default");

  private final WorkQueue queue = new WorkQueue();
  @AutoClose private final StoreFixture store;

  WorkQueueTest(@TempDir Path folder) {
    store = StoreFixture.open(folder);
  }

  @Test
  void dueTwiceIsDueOnceAtTheEarlierTime() {
    due(NOON.plusSeconds(60));
    due(NOON.plusSeconds(10));
    due(NOON.plusSeconds(30));
    assertThat(nextDue()).contains(NOON.plusSeconds(10));
    assertThat(claim(NOON)).isEmpty();
    assertThat(claim(NOON.plusSeconds(10))).hasSize(1);
  }

  @Test
  void takenKeyIsNotTakenAgainBeforeItsLeaseEnds() {
    due(NOON);
    assertThat(claim(NOON)).hasSize(1);
    assertThat(claim(NOON.plusSeconds(299))).isEmpty();
    assertThat(nextDue()).contains(NOON.plus(LEASE));
    assertThat(claim(NOON.plus(LEASE))).hasSize(1);
  }

  @Test
  void completedKeyIsGone() {
    due(NOON);
    complete(claim(NOON).getFirst(), Optional.empty());
    assertThat(nextDue()).isEmpty();
  }

  @Test
  void keyThatBecameDueWhileWorkedOnStaysDue() {
    due(NOON);
    Claim claim = claim(NOON).getFirst();
    due(NOON.plusSeconds(1));
    complete(claim, Optional.empty());
    assertThat(claim(NOON.plusSeconds(1))).hasSize(1);
  }

  @Test
  void laterDueTimeGivenWhileWorkedOnIsNotTakenForNow() {
    due(NOON);
    Claim claim = claim(NOON).getFirst();
    due(NOON.plusSeconds(60));
    complete(claim, Optional.empty());
    assertThat(nextDue()).contains(NOON.plusSeconds(60));
  }

  @Test
  void keyThatIsDueAgainWhileWorkedOnComesAtTheEndOfItsLeaseAtTheLatest() {
    due(NOON);
    claim(NOON);
    due(NOON.plusSeconds(1));
    assertThat(nextDue()).contains(NOON.plus(LEASE));
    due(new WorkKey("pool", "later"), NOON.plusSeconds(600));
    assertThat(nextDue()).contains(NOON.plus(LEASE));
    due(new WorkKey("pool", "sooner"), NOON.plusSeconds(60));
    assertThat(nextDue()).contains(NOON.plusSeconds(60));
  }

  @Test
  void earlierOfTheReconcilersOwnWishAndWhatCameMeanwhileHolds() {
    due(NOON);
    Claim claim = claim(NOON).getFirst();
    due(NOON.plusSeconds(60));
    complete(claim, Optional.of(NOON.plusSeconds(10)));
    assertThat(nextDue()).contains(NOON.plusSeconds(10));
  }

  @Test
  void failureKeepsCountAndWaits() {
    due(NOON);
    Claim first = claim(NOON).getFirst();
    store.run(tx -> queue.retry(tx, first, NOON.plusSeconds(2), "no route"));
    Claim second = claim(NOON.plusSeconds(2)).getFirst();
    assertThat(second.attempts()).isEqualTo(1);
    assertThat(items().getFirst().lastError()).contains("no route");
    complete(second, Optional.of(NOON.plusSeconds(100)));
    assertThat(claim(NOON.plusSeconds(100)).getFirst().attempts()).isZero();
    assertThat(items().getFirst().lastError()).isEmpty();
  }

  @Test
  void stalledKeyWaitsVisiblyUntilItsInputChanges() {
    due(NOON);
    Claim claim = claim(NOON).getFirst();
    store.run(tx -> queue.stall(tx, claim, NOON.plusSeconds(900), "no such runner"));
    assertThat(nextDue()).contains(NOON.plusSeconds(900));
    assertThat(claim(NOON.plusSeconds(899))).isEmpty();
    assertThat(items().getFirst().stalled()).contains("no such runner");

    due(NOON.plusSeconds(5));
    assertThat(claim(NOON.plusSeconds(5))).hasSize(1);
    assertThat(items().getFirst().stalled()).isEmpty();
  }

  @Test
  void stalledKeyIsLookedAtAgainAsItsInputMayLieElsewhere() {
    due(NOON);
    Claim claim = claim(NOON).getFirst();
    store.run(tx -> queue.stall(tx, claim, NOON.plusSeconds(900), "no permission"));
    Claim again = claim(NOON.plusSeconds(900)).getFirst();
    assertThat(items().getFirst().stalled()).as("until it is known").contains("no permission");
    complete(again, Optional.of(NOON.plusSeconds(960)));
    assertThat(items().getFirst().stalled()).isEmpty();
  }

  @Test
  void inputThatChangedWhileTheOldOneWasFoundImpossiblePreventsTheStall() {
    due(NOON);
    Claim claim = claim(NOON).getFirst();
    due(NOON.plusSeconds(1));
    store.run(tx -> queue.stall(tx, claim, NOON, "no such runner"));
    assertThat(claim(NOON.plusSeconds(1))).hasSize(1);
  }

  @Test
  void restartFreesLeasesAndTheirKeysAreDueAtOnce() {
    due(NOON);
    claim(NOON);
    store.run(tx -> queue.releaseAll(tx, NOON.plusSeconds(1)));
    assertThat(claim(NOON.plusSeconds(1))).hasSize(1);
  }

  @Test
  void longestDueGoesFirst() {
    for (int i = 0; i < 5; i++) {
      WorkKey key = new WorkKey("pool", "p" + i);
      Instant at = NOON.minusSeconds(i);
      store.run(tx -> queue.due(tx, key, at, Optional.empty()));
    }
    List<Claim> claims = store.write(tx -> queue.claim(tx, NOON, LEASE, 2));
    assertThat(claims).extracting(c -> c.key().name()).containsExactly("p4", "p3");
  }

  @Test
  void traceRidesWithTheKeyAndALaterChangeWithoutOneKeepsIt() {
    TraceContext trace = new TraceContext("00-" + "1".repeat(32) + "-" + "2".repeat(16) + "-01");
    store.run(tx -> queue.due(tx, POOL, NOON, Optional.of(trace)));
    due(NOON);
    assertThat(claim(NOON).getFirst().trace()).contains(trace);
  }

  @Test
  void whoeverMakesAKeyDueWakesTheLoopAfterTheCommit() {
    AtomicInteger woken = new AtomicInteger();
    queue.onDue(woken::incrementAndGet);
    due(NOON);
    assertThat(woken).hasValue(1);
  }

  private void due(Instant at) {
    due(POOL, at);
  }

  private void due(WorkKey key, Instant at) {
    store.run(tx -> queue.due(tx, key, at, Optional.empty()));
  }

  private List<Claim> claim(Instant now) {
    return store.write(tx -> queue.claim(tx, now, LEASE, 64));
  }

  private void complete(Claim claim, Optional<Instant> next) {
    store.run(tx -> queue.complete(tx, claim, next));
  }

  private Optional<Instant> nextDue() {
    return store.read(WorkQueue::nextDue);
  }

  private List<WorkItem> items() {
    return store.read(read -> WorkQueue.items(read, 10));
  }
}
