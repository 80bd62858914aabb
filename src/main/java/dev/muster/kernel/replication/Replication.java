package dev.muster.kernel.replication;

import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * One environment's replication at work: a thread that keeps the lease, one that writes when
 * something changed, and one that reads. When the table is away they try again, slower and slower;
 * nothing else waits for them, but what would act on a state that others may have changed.
 */
public final class Replication implements Membership, AutoCloseable {
  private static final Logger log = System.getLogger(Replication.class.getName());

  /** So long an appliance that starts waits for a table that does not answer. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** So long an end waits for the region to be given back. */
  private static final Duration RELEASING = Duration.ofSeconds(2);

  /** What is told of what concerns more than the table. */
  public interface Listener {
    /** This region has read what the others did, and does not act on it before this returns. */
    void read(String environment);

    /**
     * It may act from now on; inside a transaction.
     *
     * @param awaySince when it was there before; empty for a region that never was
     */
    void caughtUp(Tx tx, String environment, Optional<Instant> awaySince);

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
  private final Courtesy courtesy;
  private final Repetition repetition;
  private final Follower follower;
  private final CountDownLatch claimed = new CountDownLatch(1);
  private final Thread keeping;
  private final Thread sending;
  private final Thread following;
  private final Instant begunAt;

  private volatile @Nullable String refused;

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
    this.courtesy = new Courtesy(writer::pressed, clock);
    this.repetition = new Repetition(environment, writer, clock);
    this.follower =
        new Follower(environment, writer, clock, table, replicator, lease::awaySince, listener);
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
    return follower.hasRead();
  }

  /** What keeps the table from being read or written; empty while all is well. */
  public Optional<String> trouble() {
    return repetition.trouble();
  }

  /** When all changes of the others were last known here. */
  public Optional<Instant> caughtUpAt() {
    return follower.caughtUpAt();
  }

  private void keep() {
    repetition.of(
        "region " + lease.region(),
        () -> {
          if (claimed.getCount() > 0) {
            claim();
          } else {
            lease.tick(look ->
                writer.run(
                    Priority.RECONCILE,
                    tx -> keep(tx, environment, look, clock.instant(), listener)));
            if (lease.lost().isPresent()) {
              listener.lost(environment);
              repetition.awaitEnd();
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
    look.returned().forEach(region -> Takeovers.end(tx, environment, region, now));
    look.taken()
        .forEach((region, takeover) -> {
          String reason =
              "its last beat was seen %d s before, and its health endpoint at %s did not answer"
                  .formatted(takeover.silence().toSeconds(), takeover.last().address());
          log.log(Level.WARNING, "Standing in for region {0} from now on: {1}", region, reason);
          Takeovers.begin(tx, environment, region, takeover.taken(), reason);
          listener.taken(tx, environment, region, takeover);
        });
  }

  private void send() {
    repetition.of(
        "writing to " + table.name(),
        () -> {
          follower.awaitRead(); // what an emptied database does not know would be written over
          if (courtesy.waits()) {
            return Courtesy.LOOK;
          }
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
    repetition.of(
        "reading " + table.name(),
        () -> {
          claimed.await();
          return follower.take();
        });
  }

  /** What waits to be written. */
  public Outbox.Backlog backlog() {
    return database.read(read -> Outbox.backlog(read, environment));
  }

  @Override
  public void close() {
    outbox.close(environment);
    repetition.end();
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
    repetition.settle();
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
