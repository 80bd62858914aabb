package dev.muster.kernel.store;

import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one writer. Closures from any thread are gathered into a transaction, each behind a savepoint
 * of its own, committed together and forced to the device; only then do the callers return. A
 * closure that throws loses its own changes and nothing else. A commit takes whatever came while
 * the one before it was syncing, so a lone write waits for one sync and a burst shares it.
 */
public final class Writer implements AutoCloseable {
  private static final System.Logger log = System.getLogger(Writer.class.getName());

  /** Closures a transaction; beyond this a sync no longer dominates (TECH: 256). */
  static final int BATCH = 256;

  /** Waiting closures beyond which acknowledgements are refused rather than queued. */
  static final int MAX_WAITING = 8_192;

  /** So many callers are woken by the writer itself. */
  private static final int FEW = 4;

  /** So many acknowledgements in one commit are a burst, which counts as one for a while. */
  private static final int BURST = 8;

  private static final Duration BURST_LASTS = Duration.ofMillis(200);

  private static final String STOPPING = "The appliance is stopping; try again";

  private final Database database;
  private final PriorityBlockingQueue<Pending<?>> waiting = new PriorityBlockingQueue<>();
  private final AtomicInteger depth = new AtomicInteger();
  private final AtomicLong order = new AtomicLong();
  private final AtomicLong commits = new AtomicLong();
  private final Thread thread;
  private volatile boolean closed;
  private volatile boolean ended;
  private volatile boolean failing;

  /** When a commit was a burst last, by the system's nanoseconds; 0 before the first. */
  private volatile long burst;

  /** When the batch in hand was taken, by the system's nanoseconds; 0 when there is none. */
  private volatile long taken;

  private volatile Runnable onCommit = () -> {};
  private volatile @Nullable ChangeSink changeSink;
  private final Sealer sealer;

  /** The newest link of the chain as this thread knows it; unknown at first and after a failure. */
  private @Nullable Long lastBatch;

  public Writer(Database database, Sealer sealer) {
    this.database = database;
    this.sealer = sealer;
    this.thread = Thread.ofPlatform().name("muster-writer").daemon().unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /**
   * Runs {@code work} and returns its result once it is on disk.
   *
   * @throws StoreUnavailableException when nothing can be made durable now; nothing was kept
   * @throws RuntimeException what {@code work} threw; nothing of it was kept
   */
  public <T> T write(Priority priority, Function<Tx, T> work) {
    if (closed) {
      throw new StoreUnavailableException(STOPPING, null);
    }
    if (depth.get() >= MAX_WAITING && priority == Priority.ACKNOWLEDGE) {
      throw new StoreUnavailableException(
          "More than " + MAX_WAITING + " writes wait for the disk; try again shortly", null);
    }
    if (Thread.currentThread().equals(thread)) {
      throw new IllegalStateException("A closure of the writer must use its own Tx, not write()");
    }
    Pending<T> pending = new Pending<>(priority, order.getAndIncrement(), work);
    depth.incrementAndGet();
    waiting.add(pending);
    if (ended && waiting.remove(pending)) {
      // It came between the look at closed above and the end of the thread: nobody takes it now.
      throw new StoreUnavailableException(STOPPING, null);
    }
    return pending.await();
  }

  /** {@link #write} without a result. */
  public void run(Priority priority, Consumer<Tx> work) {
    write(
        priority,
        tx -> {
          work.accept(tx);
          return true;
        });
  }

  /** Names the one listener that is told, in the writer's thread, of every commit. */
  public void onCommit(Runnable listener) {
    this.onCommit = listener;
  }

  /** Names the one that keeps what changes; without it nothing is kept. */
  public void changesTo(ChangeSink sink) {
    this.changeSink = sink;
  }

  /** Closures that wait for a commit. */
  public int depth() {
    return depth.get();
  }

  /** Commits so far: a test counts how many writes shared one. */
  long commits() {
    return commits.get();
  }

  /** Whether the last commit failed and none has succeeded since. */
  public boolean failing() {
    return failing;
  }

  /** How long the batch in hand has taken so far; zero when there is none. */
  public Duration busy() {
    long since = taken;
    return since == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
  }

  /** Whether so many wait for acknowledgements that whatever can wait a little had better do so. */
  public boolean pressed() {
    long last = burst;
    return last != 0 && System.nanoTime() - last < BURST_LASTS.toNanos();
  }

  /** Whether nobody takes writes any more, closed or not. */
  public boolean ended() {
    return ended;
  }

  private void run() {
    List<Pending<?>> batch = new ArrayList<>(BATCH);
    try {
      while (true) {
        batch.clear();
        Pending<?> first = waiting.take();
        if (first.poison()) {
          break;
        }
        batch.add(first);
        waiting.drainTo(batch, BATCH - 1);
        boolean last = batch.removeIf(Pending::poison);
        depth.addAndGet(-batch.size());
        taken = System.nanoTime() | 1;
        if (batch.stream().filter(Pending::acknowledges).limit(BURST).count() == BURST) {
          burst = taken;
        }
        commit(batch);
        taken = 0;
        release(List.copyOf(batch));
        if (last) {
          break;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closed = true;
      ended = true;
      List<Pending<?>> rest = new ArrayList<>();
      waiting.drainTo(rest);
      rest.forEach(p -> p.fail(new StoreUnavailableException(STOPPING, null)));
      rest.forEach(Pending::release);
    }
  }

  /** Waking the callers takes as long as a sync; the next batch need not wait for that. */
  private static void release(List<Pending<?>> batch) {
    if (batch.size() <= FEW) {
      batch.forEach(Pending::release);
    } else {
      Thread.ofVirtual().name("writer-release").start(() -> batch.forEach(Pending::release));
    }
  }

  private void commit(List<Pending<?>> batch) {
    List<byte[]> seals = new ArrayList<>();
    List<Runnable> signals = new ArrayList<>();
    List<Change> changes = new ArrayList<>();
    try {
      Connection connection = database.writerConnection();
      long link = lastLink(connection) + 1;
      Tx tx = new Tx(connection, link, seals, signals, changes);
      try (Savepoint savepoint = new Savepoint(connection)) {
        for (Pending<?> pending : batch) {
          apply(savepoint, tx, pending);
        }
      }
      ChangeSink sink = changeSink;
      if (sink != null && !changes.isEmpty()) {
        sink.keep(tx, changes);
      }
      if (!seals.isEmpty()) {
        sealer.link(tx, List.copyOf(seals));
      }
      connection.commit();
      Durability.force(connection);
      if (!seals.isEmpty()) {
        lastBatch = link;
      }
      commits.incrementAndGet();
      if (failing) {
        failing = false;
        log.log(Level.INFO, "The store takes writes again");
      }
    } catch (SQLException | RuntimeException | Error e) {
      // Errors too (a full heap): the thread must live on and its callers must hear of it.
      abandon(batch, e);
      return;
    }
    signals.add(onCommit);
    // Each signal once, where it was last asked for: a batch of deliveries wakes the inbox, and not
    // each of them, when all that was to be told before has been told.
    for (Runnable signal : new LinkedHashSet<>(signals.reversed()).reversed()) {
      try {
        signal.run();
      } catch (RuntimeException e) {
        log.log(Level.ERROR, "A signal after a commit failed; the commit stands", e);
      }
    }
  }

  private long lastLink(Connection connection) {
    Long known = lastBatch;
    return known == null ? sealer.last(new Read(connection)) : known;
  }

  private static <T> void apply(Savepoint savepoint, Tx tx, Pending<T> pending)
      throws SQLException {
    Tx.Mark mark = tx.mark();
    savepoint.set();
    try {
      pending.run(tx);
    } catch (StoreUnavailableException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      savepoint.rollback();
      tx.forget(mark);
      pending.fail(e);
    }
  }

  /** Nobody is told anything but "not now"; the connection is made anew for the next batch. */
  private void abandon(List<Pending<?>> batch, Throwable cause) {
    StoreUnavailableException outage =
        new StoreUnavailableException(
            "Nothing can be stored at the moment: " + cause.getMessage() + "; check disk and home",
            cause);
    batch.forEach(p -> p.fail(outage));
    lastBatch = null;
    if (!failing) {
      failing = true;
      log.log(Level.ERROR, "The store refuses writes until the disk is mended", cause);
    }
    database.renewAfterFailure();
  }

  /** Finishes what waits, then stops. */
  @Override
  public void close() {
    closed = true;
    if (!thread.isAlive()) {
      return;
    }
    waiting.add(new Pending<>(Priority.HOUSEKEEPING, Long.MAX_VALUE, null));
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Pending<T> implements Comparable<Pending<?>> {
    private final Priority priority;
    private final long order;
    private final @Nullable Function<Tx, T> work;
    private final CountDownLatch done = new CountDownLatch(1);
    private @Nullable T result;
    private @Nullable Throwable failure;

    Pending(Priority priority, long order, @Nullable Function<Tx, T> work) {
      this.priority = priority;
      this.order = order;
      this.work = work;
    }

    boolean poison() {
      return work == null;
    }

    boolean acknowledges() {
      return priority == Priority.ACKNOWLEDGE;
    }

    void run(Tx tx) {
      result = Objects.requireNonNull(work).apply(tx);
    }

    void fail(Throwable cause) {
      failure = cause;
    }

    void release() {
      done.countDown();
    }

    /** An interrupt must not hide whether the write happened, so it is kept for afterwards. */
    @SuppressWarnings("NullAway") // a closure may return null; the caller knows its own type
    T await() {
      boolean interrupted = false;
      while (true) {
        try {
          done.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      Throwable cause = failure;
      if (cause instanceof StoreUnavailableException) {
        // Shared by the whole batch, so each caller gets a stack trace of its own.
        throw new StoreUnavailableException(String.valueOf(cause.getMessage()), cause);
      }
      if (cause instanceof RuntimeException e) {
        throw e;
      }
      if (cause instanceof Error e) {
        throw e;
      }
      return result;
    }

    @Override
    public int compareTo(Pending<?> other) {
      int byPriority = priority.compareTo(other.priority);
      return byPriority != 0 ? byPriority : Long.compare(order, other.order);
    }
  }
}
