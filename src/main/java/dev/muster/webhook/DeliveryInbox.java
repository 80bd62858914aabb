package dev.muster.webhook;

import dev.muster.kernel.clock.Timers;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.StoreUnavailableException;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import dev.muster.webhook.DeliveryHandler.Effect;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Takes recorded deliveries in the order of their arrival and applies what they mean, many to a
 * transaction. The rows are the queue, so nothing is lost with the process; a wake-up only saves
 * waiting.
 */
public final class DeliveryInbox implements AutoCloseable {
  private static final System.Logger log = System.getLogger(DeliveryInbox.class.getName());
  private static final int BATCH = 256;

  private static final Duration TOGETHER = Duration.ofMillis(20);

  /** Bodies that are in memory at a time, together; a single larger one is taken alone. */
  private static final int BYTES = 8 << 20;

  private final Database database;
  private final Writer writer;
  private final DeliveryStore store;
  private final Map<String, DeliveryHandler> handlers;
  private final Timers timers;
  private final InstantSource clock;
  private final FreshEffects fresh = new FreshEffects();

  /** The last one that has its outcome; asked of the database at first and after a failure. */
  private OptionalLong taken = OptionalLong.empty();

  private final Semaphore wake = new Semaphore(0);

  /** One and the same object, so that a commit wakes the inbox once. */
  private final Runnable signal = this::wake;

  private volatile boolean closed;
  private volatile boolean ended;

  public DeliveryInbox(
      Database database,
      Writer writer,
      DeliveryStore store,
      List<DeliveryHandler> handlers,
      Timers timers,
      InstantSource clock) {
    this.database = database;
    this.writer = writer;
    this.store = store;
    this.handlers =
        handlers.stream().collect(Collectors.toUnmodifiableMap(DeliveryHandler::source, h -> h));
    this.timers = timers;
    this.clock = clock;
  }

  public void start() {
    Thread.ofVirtual().name("delivery-inbox").start(this::run);
    wake();
  }

  /**
   * Records an arrival, to be understood after the commit.
   *
   * @return whether it is new; see {@link DeliveryStore#add}
   */
  public boolean record(Tx tx, DeliveryStore.Arrival arrival) {
    return record(tx, arrival, Optional.empty());
  }

  /** {@link #record(Tx, DeliveryStore.Arrival)} of what has been understood already. */
  boolean record(Tx tx, DeliveryStore.Arrival arrival, Optional<Effect> understood) {
    DeliveryStore.Place place = new DeliveryStore.Place(tx.batch(), tx.nextPlace());
    boolean added = store.add(tx, arrival);
    if (added) {
      fresh.add(place, understood, arrival.size());
      tx.afterCommit(signal);
    }
    return added;
  }

  /** Looks for recorded deliveries now. */
  public void wake() {
    wake.release();
  }

  private void run() {
    try {
      while (!closed) {
        wake.acquire();
        wake.drainPermits();
        while (!closed && takeSome()) {}
        // The first is taken at once; in a storm the next are taken together with what comes
        // meanwhile, as each taking has its price.
        LockSupport.parkNanos(TOGETHER.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended = true;
    }
  }

  /** Whether nothing takes deliveries any more. */
  public boolean ended() {
    return ended;
  }

  private record Understood(long id, Effect effect) {}

  /** Returns whether there may be more. */
  private boolean takeSome() {
    try {
      List<Understood> understood =
          database.read(read ->
              DeliveryStore.waiting(
                      read, taken.orElseGet(() -> DeliveryStore.taken(read)), BATCH, BYTES)
                  .stream()
                  .map(each -> new Understood(each.id(), effectOf(read, each)))
                  .toList());
      if (!understood.isEmpty()) {
        taken = OptionalLong.empty();
        apply(understood);
        taken = OptionalLong.of(understood.getLast().id());
      }
      return !understood.isEmpty(); // asked once more than needed, as size may have ended the batch
    } catch (StoreUnavailableException e) {
      timers.at(clock.instant().plusSeconds(1), this::wake);
      return false;
    } catch (RuntimeException | OutOfMemoryError e) {
      // The inbox must outlive whatever this is: without it nothing delivered takes effect.
      log.log(Level.ERROR, "Recorded deliveries could not be taken; it is tried again", e);
      timers.at(clock.instant().plusSeconds(10), this::wake);
      return false;
    }
  }

  private Effect effectOf(Read read, DeliveryStore.Waiting waiting) {
    return fresh
        .take(waiting.place())
        .orElseGet(() ->
            understood(
                "number " + waiting.id(),
                () -> understand(DeliveryStore.delivery(read, waiting.id()))));
  }

  /** What a delivery means, by the handler of its source; pure. */
  Effect understand(Delivery delivery) {
    DeliveryHandler handler = handlers.get(delivery.source());
    if (handler == null) {
      return new Effect.Unread("nothing is configured for " + delivery.source());
    }
    return understood(delivery.deliveryId(), () -> handler.read(delivery));
  }

  /** One body that is too much for us, or damaged, must not keep the ones behind it waiting. */
  private static Effect understood(String delivery, Supplier<Effect> reading) {
    try {
      return reading.get();
    } catch (StoreUnavailableException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      log.log(Level.ERROR, "Delivery " + delivery + " was not understood", e);
      return new Effect.Unread("not understood, a bug: " + e);
    }
  }

  private void apply(List<Understood> understood) {
    try {
      writer.run(Priority.RECONCILE, tx -> apply(tx, understood));
    } catch (StoreUnavailableException e) {
      throw e;
    } catch (RuntimeException e) {
      // One of them is bad: each alone, so that it fails alone.
      understood.forEach(this::applyAlone);
    }
  }

  private void applyAlone(Understood one) {
    try {
      writer.run(Priority.RECONCILE, tx -> apply(tx, List.of(one)));
    } catch (StoreUnavailableException e) {
      throw e;
    } catch (RuntimeException e) {
      log.log(Level.ERROR, "Delivery " + one.id() + " could not be applied", e);
      writer.run(
          Priority.RECONCILE,
          tx ->
              DeliveryStore.settle(
                  tx,
                  List.of(new DeliveryStore.Settlement(one.id(), "failed", String.valueOf(e)))));
    }
  }

  private static void apply(Tx tx, List<Understood> understood) {
    List<DeliveryStore.Settlement> settled = new ArrayList<>(understood.size());
    for (Understood one : understood) {
      settled.add(
          switch (one.effect()) {
            case Effect.Ignored(String reason) ->
                new DeliveryStore.Settlement(one.id(), "ignored", reason);
            case Effect.Unread(String reason) ->
                new DeliveryStore.Settlement(one.id(), "ignored", reason);
            case Effect.Change(String summary, DeliveryHandler.Application application) -> {
              application.apply(tx);
              yield new DeliveryStore.Settlement(one.id(), "done", summary);
            }
          });
    }
    DeliveryStore.settle(tx, settled);
  }

  @Override
  public void close() {
    closed = true;
    wake();
  }
}
