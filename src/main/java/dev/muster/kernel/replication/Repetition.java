package dev.muster.kernel.replication;

import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.StoreUnavailableException;
import dev.muster.kernel.store.Writer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Steps that are taken again and again, each on a thread of its own; what fails is tried again
 * later and later, and is said while it fails.
 */
final class Repetition {
  private static final Logger log = System.getLogger(Repetition.class.getName());

  /** The first and the longest pause after a failure. */
  private static final Duration PAUSE = Duration.ofMillis(500);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final String environment;
  private final Writer writer;
  private final InstantSource clock;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Map<String, String> troubles = new ConcurrentHashMap<>();

  Repetition(String environment, Writer writer, InstantSource clock) {
    this.environment = environment;
    this.writer = writer;
    this.clock = clock;
  }

  /** One of the steps. */
  interface Step {
    /** Does it, and says how long to wait before the next. */
    Duration take() throws InterruptedException;
  }

  /**
   * Takes a step until the end, or until the thread is interrupted.
   *
   * @param what is done, as a failure has it
   */
  void of(String what, Step step) {
    Duration pause = PAUSE;
    while (ended.getCount() > 0) {
      Duration wait;
      try {
        wait = step.take();
        pause = PAUSE;
        well(what);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
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
      if (endedWithin(wait)) {
        return;
      }
    }
  }

  /** What fails now; empty while all is well. */
  Optional<String> trouble() {
    return troubles.entrySet().stream().findFirst().map(e -> e.getKey() + ": " + e.getValue());
  }

  /** From now on no step begins. */
  void end() {
    ended.countDown();
  }

  void awaitEnd() throws InterruptedException {
    ended.await();
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
        settle();
      }
    }
  }

  /** Takes back what was said on the page. */
  void settle() {
    try {
      writer.run(Priority.HOUSEKEEPING, tx -> Notices.settle(tx, notice()));
    } catch (StoreUnavailableException e) {
      log.log(Level.DEBUG, "The notice stays until the disk is back", e);
    }
  }

  private boolean endedWithin(Duration wait) {
    try {
      return ended.await(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static Duration jittered(Duration pause) {
    long most = pause.toMillis();
    return Duration.ofMillis(most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1));
  }
}
