package dev.muster.kernel.reconcile;

import dev.muster.kernel.clock.Timers;
import dev.muster.kernel.queue.Claim;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.StoreUnavailableException;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.CurrentTrace;
import dev.muster.kernel.tracing.Span;
import dev.muster.kernel.tracing.SpanKind;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.kernel.tracing.TraceContext;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs what is due. One virtual thread claims keys and hands each to a virtual thread of its own,
 * bounded per kind; it is woken by a commit that made a key due or by the timer for the next one,
 * and otherwise waits without a poll.
 */
public final class ReconcileLoop implements AutoCloseable {
  private static final System.Logger log = System.getLogger(ReconcileLoop.class.getName());

  /** Longer than any reconcile may take: remote calls have timeouts well below. */
  static final Duration LEASE = Duration.ofMinutes(5);

  /** So long what cannot succeed waits, where nobody makes it due. */
  static final Duration STALLED = Duration.ofMinutes(15);

  private static final int CLAIM = 64;

  private final Database database;
  private final Writer writer;
  private final WorkQueue queue;
  private final InstantSource clock;
  private final Timers timers;
  private final RandomGenerator random;
  private final Observer observer;
  private final Telemetry telemetry;
  private final Map<String, Registered<?>> kinds = new ConcurrentHashMap<>();

  /** The keys that are worked on, each with the claim that comes after, where there is one. */
  private final Map<WorkKey, Optional<Claim>> inHand = new HashMap<>();

  private final Semaphore wake = new Semaphore(0);
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("reconcile-", 0).factory());
  private Timers.@Nullable Timer appointment;
  private volatile boolean ended;
  private volatile boolean closed;

  /** Sees each reconcile: for metrics. */
  public interface Observer {
    void reconciled(String kind, Duration took, String outcome);
  }

  private record Registered<K>(Reconciler<K> reconciler, Semaphore permits) {}

  public ReconcileLoop(
      Database database,
      Writer writer,
      WorkQueue queue,
      InstantSource clock,
      Timers timers,
      RandomGenerator random,
      Observer observer,
      Telemetry telemetry) {
    this.database = database;
    this.writer = writer;
    this.queue = queue;
    this.clock = clock;
    this.timers = timers;
    this.random = random;
    this.observer = observer;
    this.telemetry = telemetry;
  }

  /** Names the reconciler of a kind; before {@link #start}. */
  public <K> void register(Reconciler<K> reconciler) {
    kinds.put(
        reconciler.kind(), new Registered<>(reconciler, new Semaphore(reconciler.concurrency())));
  }

  public void start() {
    queue.onDue(this::wake);
    Instant now = clock.instant();
    writer.run(Priority.RECONCILE, tx -> queue.releaseAll(tx, now));
    Thread.ofVirtual().name("reconcile-loop").start(this::run);
    wake();
  }

  /** Looks for due keys now. */
  public void wake() {
    wake.release();
  }

  /** Whether nothing looks for due keys any more: closed, or ended by an error. */
  public boolean ended() {
    return ended;
  }

  private void run() {
    try {
      while (!closed) {
        wake.acquire();
        wake.drainPermits();
        dispatch();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended = true;
    }
  }

  private void dispatch() {
    try {
      Instant now = clock.instant();
      Optional<Instant> next = database.read(WorkQueue::nextDue);
      if (next.isPresent() && !next.get().isAfter(now)) {
        List<Claim> claims =
            writer.write(Priority.RECONCILE, tx -> queue.claim(tx, now, LEASE, CLAIM));
        claims.forEach(this::begin);
        if (!claims.isEmpty()) {
          wake(); // there may be more than one claim's worth
        }
        return;
      }
      next.ifPresentOrElse(this::wakeAt, this::cancelAppointment);
    } catch (StoreUnavailableException e) {
      // The writer has said so already; look again when the disk may have been mended.
      wakeAt(clock.instant().plusSeconds(1));
    } catch (RuntimeException e) {
      // One key's bug must not end the loop for all the others.
      log.log(Level.ERROR, "Looking for due keys failed; it is tried again", e);
      wakeAt(clock.instant().plusSeconds(10));
    }
  }

  private void begin(Claim claim) {
    if (!takes(claim)) {
      return;
    }
    try {
      threads.execute(() -> workOff(claim));
    } catch (RejectedExecutionException e) {
      // Closing: the lease is freed by the next start.
    }
  }

  /**
   * One claim of a key is worked on at a time. Another comes while the thread of the one before,
   * whose outcome is stored, has not yet gone, or when that outlived its lease: then it is next.
   */
  private boolean takes(Claim claim) {
    synchronized (inHand) {
      if (inHand.containsKey(claim.key())) {
        inHand.put(claim.key(), Optional.of(claim));
        return false;
      }
      inHand.put(claim.key(), Optional.empty());
      return true;
    }
  }

  private void workOff(Claim first) {
    Optional<Claim> claim = Optional.of(first);
    while (claim.isPresent()) {
      try {
        work(claim.get());
      } finally {
        claim = next(first.key());
      }
    }
  }

  private Optional<Claim> next(WorkKey key) {
    synchronized (inHand) {
      Optional<Claim> next = Optional.ofNullable(inHand.get(key)).flatMap(waiting -> waiting);
      if (next.isPresent()) {
        inHand.put(key, Optional.empty());
      } else {
        inHand.remove(key);
      }
      return next;
    }
  }

  private synchronized void wakeAt(Instant due) {
    cancelAppointment();
    appointment = timers.at(due, this::wake);
  }

  private synchronized void cancelAppointment() {
    if (appointment != null) {
      appointment.cancel();
      appointment = null;
    }
  }

  private void work(Claim claim) {
    Registered<?> registered = kinds.get(claim.key().kind());
    if (registered == null) {
      settle(claim, new Outcome.Stalled("Nothing in this version reconciles " + claim.key()), true);
      return;
    }
    try {
      registered.permits().acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    try {
      work(claim, registered.reconciler());
    } finally {
      registered.permits().release();
    }
  }

  private <K> void work(Claim claim, Reconciler<K> reconciler) {
    Instant began = clock.instant();
    waited(claim, began);
    String outcome = "failed";
    try (Span span = span(claim)) {
      outcome = work(claim, reconciler, span);
    } finally {
      observer.reconciled(claim.key().kind(), Duration.between(began, clock.instant()), outcome);
    }
  }

  /** From the moment for which somebody wanted it to the one in which its turn came. */
  private void waited(Claim claim, Instant now) {
    if (telemetry.on() && claim.trace().isPresent()) {
      telemetry
          .span("queue " + claim.key().kind())
          .kind(SpanKind.CONSUMER)
          .under(claim.trace())
          .since(claim.due().isBefore(now) ? claim.due() : now)
          .set("muster.key", claim.key().toString())
          .past(now);
    }
  }

  private Span span(Claim claim) {
    return telemetry.on()
        ? telemetry
            .span("reconcile " + claim.key().kind())
            .under(claim.trace())
            .set("muster.key", claim.key().toString())
            .set("muster.failures", claim.attempts())
            .start()
        : Span.NONE;
  }

  private <K> String work(Claim claim, Reconciler<K> reconciler, Span span) {
    String outcome = "failed";
    Optional<TraceContext> trace = telemetry.on() ? span.context() : claim.trace();
    Optional<TraceContext> before = CurrentTrace.enter(trace);
    try {
      Outcome result = reconciler.reconcile(reconciler.key(claim.key().name()), trace);
      outcome = result.getClass().getSimpleName();
      settle(claim, result, reconciler.ofOneTrace());
    } catch (StalledException e) {
      outcome = "Stalled";
      span.failed(said(e));
      settle(claim, new Outcome.Stalled(said(e)), true);
    } catch (TransientException e) {
      span.failed(said(e));
      retry(claim, e, e.retryAfter());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the lease ends by itself, or the next start frees it
    } catch (RuntimeException e) {
      if (!closed) {
        log.log(Level.ERROR, "Reconciling " + claim.key() + " failed; it will be tried again", e);
      }
      span.failed(said(e));
      retry(claim, e, Optional.empty());
    } finally {
      CurrentTrace.back(before);
    }
    span.set("muster.outcome", outcome);
    return outcome;
  }

  private void settle(Claim claim, Outcome outcome, boolean ofOneTrace) {
    Instant now = clock.instant();
    record(tx -> {
      switch (outcome) {
        case Outcome.Done done -> queue.complete(tx, claim, Optional.empty());
        case Outcome.RequeueAfter(Duration delay) ->
            queue.again(tx, claim, now.plus(delay), ofOneTrace ? claim.trace() : Optional.empty());
        case Outcome.Stalled(String reason) ->
            queue.stall(tx, claim, now.plus(STALLED), cut(reason));
      }
    });
  }

  private void retry(Claim claim, RuntimeException failure, Optional<Duration> asked) {
    Duration backoff = Backoff.STANDARD.after(claim.attempts() + 1, random);
    Duration wait = asked.filter(a -> a.compareTo(backoff) > 0).orElse(backoff);
    Instant next = clock.instant().plus(wait);
    record(tx -> queue.retry(tx, claim, next, said(failure)));
  }

  private void record(Consumer<Tx> settlement) {
    if (closed) {
      return;
    }
    try {
      writer.run(Priority.RECONCILE, settlement);
    } catch (StoreUnavailableException e) {
      log.log(Level.DEBUG, "An outcome was not stored; the lease ends and the key is redone", e);
    }
  }

  private static String said(RuntimeException e) {
    String message = e.getMessage();
    return cut(message == null ? e.getClass().getSimpleName() : message);
  }

  private static String cut(String text) {
    return text.length() <= 1_000 ? text : text.substring(0, 1_000);
  }

  /** Lets running reconciles end, for at most ten seconds, then interrupts them. */
  @Override
  public void close() {
    closed = true;
    wake();
    threads.shutdown();
    try {
      if (!threads.awaitTermination(2, TimeUnit.SECONDS)) {
        threads.shutdownNow();
        threads.awaitTermination(8, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
