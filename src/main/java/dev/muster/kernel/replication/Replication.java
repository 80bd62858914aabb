package dev.muster.kernel.replication;

import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.StoreUnavailableException;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One environment's replication at work: a thread that keeps the lease, one that writes when
 * something changed, and one that reads. When the table is away they try again, slower and slower;
 * nothing else waits for them, but what would act on a state that others may have changed.
 */
public final class Replication implements Membership, AutoCloseable {
  private static final Logger log = System.getLogger(Replication.class.getName());

  /** So soon a change of another region is looked for again after one came, and at most so late. */
  private static final Duration BUSY = Duration.ofMillis(50);

  private static final Duration IDLE = Duration.ofSeconds(1);

  /** How often everything is read again. */
  private static final Duration REREAD = Duration.ofMinutes(30);

  /** The first and the longest pause after a failure. */
  private static final Duration PAUSE = Duration.ofMillis(500);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** So long an appliance that starts waits for a table that does not answer. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** So long an end waits for the region to be given back. */
  private static final Duration RELEASING = Duration.ofSeconds(2);

  /** What is told of what concerns more than the table. */
  public interface Listener {
    /** This region has now read what the others did; inside the transaction that keeps it. */
    void caughtUp(Tx tx, String environment);

    /**
     * Another appliance has taken the region: this replication does no more, and one that begins
     * anew may have it again when that one is gone.
     */
    void lost(String environment);

    /** This region stands in for another from now on; inside the transaction that keeps it. */
    void taken(Tx tx, String environment, String region, RegionLease.Takeover takeover);
  }

  private final String environment;
  private final Database database;
  private final Writer writer;
  private final InstantSource clock;
  private final Outbox outbox;
  private final SharedTable table;
  private final RegionLease lease;
  private final Replicator replicator;
  private final Listener listener;
  private final Semaphore changed = new Semaphore(0);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final CountDownLatch claimed = new CountDownLatch(1);
  private final Thread keeping;
  private final Thread sending;
  private final Thread following;
  private final Instant begunAt;

  /**
   * Before this nothing is written: what an emptied database does not know would be written over.
   */
  private final CountDownLatch reread = new CountDownLatch(1);

  private volatile @Nullable String refused;
  private final Map<String, String> troubles = new ConcurrentHashMap<>();
  private volatile @Nullable Instant caughtUpAt;

  public Replication(
      String environment,
      Database database,
      Writer writer,
      InstantSource clock,
      Outbox outbox,
      SharedTable table,
      RegionLease lease,
      Replicator replicator,
      Listener listener) {
    this.environment = environment;
    this.database = database;
    this.writer = writer;
    this.clock = clock;
    this.outbox = outbox;
    this.table = table;
    this.lease = lease;
    this.replicator = replicator;
    this.listener = listener;
    this.begunAt = clock.instant();
    this.keeping = thread("lease", this::keep);
    this.sending = thread("send", this::send);
    this.following = thread("follow", this::follow);
  }

  private Thread thread(String name, Runnable work) {
    return Thread.ofVirtual().name("replication-" + environment + "-" + name).unstarted(work);
  }

  /** Begins; returns at once. */
  public void start() {
    outbox.open(environment, changed::release);
    replicator.seed();
    keeping.start();
    sending.start();
    following.start();
  }

  @Override
  public String environment() {
    return environment;
  }

  @Override
  public RegionLease lease() {
    return lease;
  }

  public Replicator replicator() {
    return replicator;
  }

  public SharedTable table() {
    return table;
  }

  /** A table that does not answer holds nobody up for long. */
  @Override
  public Optional<String> hold() {
    Optional<String> rival = refused();
    if (rival.isPresent()) {
      return rival;
    }
    boolean waits =
        !hasRead() && Duration.between(begunAt, clock.instant()).compareTo(PATIENCE) < 0;
    return waits
        ? Optional.of("it is read anew from " + table.name() + " what other regions did")
        : Optional.empty();
  }

  /** That another appliance has this region; empty while it is this one's. */
  public Optional<String> refused() {
    return Optional.ofNullable(refused).or(lease::lost);
  }

  @Override
  public boolean hasRead() {
    return reread.getCount() == 0;
  }

  /** What keeps the table from being read or written; empty while all is well. */
  public Optional<String> trouble() {
    return troubles.entrySet().stream().findFirst().map(e -> e.getKey() + ": " + e.getValue());
  }

  /** When all changes of the others were last known here. */
  public Optional<Instant> caughtUpAt() {
    return Optional.ofNullable(caughtUpAt);
  }

  private interface Step {
    /** Does a step, and says how long to wait before the next. */
    Duration take() throws InterruptedException;
  }

  /** Takes a step again and again; what fails is tried again later and later. */
  private void repeat(String what, Step step) {
    Duration pause = PAUSE;
    while (closed.getCount() > 0) {
      Duration wait;
      try {
        wait = step.take();
        pause = PAUSE;
        well(what);
      } catch (InterruptedException e) {
        return;
      } catch (StalledException | TransientException | StoreUnavailableException e) {
        wait = jittered(pause);
        pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
        troubled(what, String.valueOf(e.getMessage()));
      } catch (RuntimeException e) {
        wait = jittered(LONGEST_PAUSE);
        log.log(Level.ERROR, "Replication of environment " + environment + ", " + what, e);
        troubled(what, e.toString());
      }
      if (closedWithin(wait)) {
        return;
      }
    }
  }

  private void troubled(String what, String now) {
    if (troubles.put(what, now) == null) {
      log.log(
          Level.WARNING,
          "Replication of environment {0}, {1}: {2}. What changes is kept and written later",
          environment,
          what,
          now);
      say(what + ": " + now);
    }
  }

  private void say(String now) {
    try {
      writer.run(
          Priority.HOUSEKEEPING,
          tx ->
              Notices.raise(
                  tx,
                  new Notices.Notice(
                      notice(),
                      Notices.Severity.WARNING,
                      clock.instant(),
                      "Regions are not kept in step in environment '%s': %s. This appliance works on; what changes is written later"
                          .formatted(environment, now))));
    } catch (StoreUnavailableException e) {
      log.log(Level.DEBUG, "The notice waits for the disk", e);
    }
  }

  private String notice() {
    return "replication-" + environment;
  }

  private void well(String what) {
    if (troubles.remove(what) != null) {
      log.log(Level.INFO, "Replication of environment {0}, {1}: works again", environment, what);
      if (troubles.isEmpty()) {
        settleNotice();
      }
    }
  }

  private void settleNotice() {
    try {
      writer.run(Priority.HOUSEKEEPING, tx -> Notices.settle(tx, notice()));
    } catch (StoreUnavailableException e) {
      log.log(Level.DEBUG, "The notice stays until the disk is back", e);
    }
  }

  private void keep() {
    repeat(
        "region " + lease.region(),
        () -> {
          if (claimed.getCount() > 0) {
            claim();
          } else {
            RegionLease.Look look = lease.tick();
            if (!look.taken().isEmpty() || !look.returned().isEmpty()) {
              writer.run(
                  Priority.RECONCILE, tx -> keep(tx, environment, look, clock.instant(), listener));
            }
            if (lease.lost().isPresent()) {
              listener.lost(environment);
              closed.await();
            }
          }
          Duration until = Duration.between(clock.instant(), lease.due());
          return until.isNegative() ? Duration.ZERO : until;
        });
  }

  private void claim() {
    try {
      table.check();
      lease.claim();
      refused = null;
      claimed.countDown();
    } catch (RegionLease.TakenRegionException e) {
      refused = e.getMessage();
      throw new StalledException(String.valueOf(e.getMessage()), e);
    }
  }

  static void keep(
      Tx tx, String environment, RegionLease.Look look, Instant now, Listener listener) {
    look.taken()
        .forEach((region, takeover) -> {
          String reason =
              "its last beat was seen %d s before, and its health endpoint at %s did not answer"
                  .formatted(takeover.silence().toSeconds(), takeover.last().address());
          log.log(Level.WARNING, "Standing in for region {0} from now on: {1}", region, reason);
          Takeovers.begin(tx, environment, region, takeover.taken(), reason);
          listener.taken(tx, environment, region, takeover);
        });
    look.returned().forEach(region -> Takeovers.end(tx, environment, region, now));
  }

  private void send() {
    repeat(
        "writing to " + table.name(),
        () -> {
          reread.await();
          changed.drainPermits();
          Replicator.Turn turn = replicator.send();
          if (turn.refused() > 0) {
            throw new TransientException(
                "%d items were not taken: the table is asked for more than it may be"
                    .formatted(turn.refused()),
                null);
          }
          if (turn.settled() == 0) {
            changed.acquire();
          }
          return Duration.ZERO;
        });
  }

  private void follow() {
    Reading reading = new Reading();
    repeat("reading " + table.name(), reading::take);
  }

  /** What was read so far. */
  private final class Reading {
    private SharedTable.@Nullable Feed feed;
    private SharedTable.@Nullable Batch untaken;
    private Instant rereadAt = Instant.MIN;
    private Duration pause = BUSY;

    Duration take() throws InterruptedException {
      claimed.await();
      SharedTable.Feed from = feed;
      if (from == null || clock.instant().isAfter(rereadAt.plus(REREAD))) {
        // First what changes from now on is heard, then everything is read: nothing falls between.
        from = from == null ? table.follow() : from;
        int restored = replicator.reread();
        if (restored > 0) {
          log.log(
              Level.INFO,
              "{0} aggregates of environment {1} were taken back from {2}",
              restored,
              environment,
              table.name());
        }
        feed = from;
        rereadAt = clock.instant();
        if (!hasRead()) {
          reread.countDown();
          writer.run(Priority.RECONCILE, tx -> listener.caughtUp(tx, environment));
        }
      }
      SharedTable.Batch batch = next(from);
      if (batch.empty()) {
        caughtUpAt = clock.instant();
        pause = shorter(pause.multipliedBy(2), IDLE);
      } else {
        replicator.take(batch);
        untaken = null;
        pause = BUSY;
      }
      return pause;
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

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static Duration jittered(Duration pause) {
    long most = pause.toMillis();
    return Duration.ofMillis(most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1));
  }

  private boolean closedWithin(Duration wait) {
    try {
      return closed.await(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** What waits to be written. */
  public Outbox.Backlog backlog() {
    return database.read(read -> Outbox.backlog(read, environment));
  }

  @Override
  public void close() {
    outbox.close(environment);
    closed.countDown();
    for (Thread thread : Set.of(keeping, sending, following)) {
      thread.interrupt();
      try {
        thread.join(Duration.ofSeconds(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    release();
    table.close();
    settleNotice();
  }

  /** A table that does not answer holds up no end. */
  private void release() {
    Thread releasing =
        Thread.ofVirtual()
            .name("replication-" + environment + "-release")
            .start(() -> {
              try {
                lease.release();
              } catch (RuntimeException e) {
                log.log(
                    Level.INFO,
                    "Region {0} is not given back in {1}: {2}",
                    lease.region(),
                    table.name(),
                    e.getMessage());
              }
            });
    try {
      releasing.join(RELEASING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
