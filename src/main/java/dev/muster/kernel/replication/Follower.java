package dev.muster.kernel.replication;

import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Writer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads what other regions wrote: everything first, then what changes, and everything again now and
 * then, as what changes is a hint.
 */
final class Follower {
  private static final Logger log = System.getLogger(Follower.class.getName());

  /** So soon a change of another region is looked for again after one came, and at most so late. */
  private static final Duration BUSY = Duration.ofMillis(50);

  private static final Duration IDLE = Duration.ofSeconds(1);

  /** How often everything is read again. */
  private static final Duration REREAD = Duration.ofMinutes(30);

  private final String environment;
  private final Writer writer;
  private final InstantSource clock;
  private final SharedTable table;
  private final Replicator replicator;
  private final Supplier<Optional<Instant>> awaySince;
  private final Replication.Listener listener;
  private final CountDownLatch read = new CountDownLatch(1);

  private SharedTable.@Nullable Feed feed;
  private SharedTable.@Nullable Batch untaken;
  private Instant rereadAt = Instant.MIN;
  private Duration pause = BUSY;
  private boolean told;
  private volatile @Nullable Instant caughtUpAt;

  Follower(
      String environment,
      Writer writer,
      InstantSource clock,
      SharedTable table,
      Replicator replicator,
      Supplier<Optional<Instant>> awaySince,
      Replication.Listener listener) {
    this.environment = environment;
    this.writer = writer;
    this.clock = clock;
    this.table = table;
    this.replicator = replicator;
    this.awaySince = awaySince;
    this.listener = listener;
  }

  /** Whether everything was read once. */
  boolean hasRead() {
    return read.getCount() == 0;
  }

  void awaitRead() throws InterruptedException {
    read.await();
  }

  /** When all changes of the others were last known here. */
  Optional<Instant> caughtUpAt() {
    return Optional.ofNullable(caughtUpAt);
  }

  /** Reads what there is now; says how long to wait before the next. */
  Duration take() {
    SharedTable.Feed from = feed;
    if (from == null || clock.instant().isAfter(rereadAt.plus(REREAD))) {
      // First what changes from now on is heard, then everything is read: nothing falls between.
      from = from == null ? table.follow() : from;
      readAll();
      feed = from;
    }
    SharedTable.Batch batch = next(from);
    if (batch.empty()) {
      caughtUpAt = clock.instant();
      pause = Repetition.shorter(pause.multipliedBy(2), IDLE);
    } else {
      replicator.take(batch);
      untaken = null;
      pause = BUSY;
    }
    return pause;
  }

  private void readAll() {
    int restored = replicator.reread();
    if (restored > 0) {
      log.log(
          Level.INFO,
          "{0} aggregates of environment {1} were taken back from {2}",
          restored,
          environment,
          table.name());
    }
    if (!told) {
      listener.read(environment);
      read.countDown();
      Optional<Instant> away = awaySince.get();
      writer.run(Priority.RECONCILE, tx -> listener.caughtUp(tx, environment, away));
      told = true;
    }
    rereadAt = clock.instant();
  }

  /** What could not be taken the last time comes first: the feed does not give it twice. */
  private SharedTable.Batch next(SharedTable.Feed from) {
    SharedTable.Batch left = untaken;
    if (left != null) {
      return left;
    }
    try {
      SharedTable.Batch batch = from.poll();
      untaken = batch.empty() ? null : batch;
      return batch;
    } catch (TransientException e) {
      throw e;
    } catch (RuntimeException e) {
      feed = null; // where it stood is lost: everything is read again
      throw e;
    }
  }
}
