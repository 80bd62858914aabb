package dev.muster.agent.common;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes a look again and again, from a thread of its own, until it is closed. */
final class MachineWatch implements AutoCloseable {
  private final List<Lookout> lookouts;
  private final Consumer<Notice> onNotice;
  private final Duration every;
  private final Consumer<String> log;

  /** Those whose last look failed, which is logged once. */
  private final Set<Lookout> blind = new HashSet<>();

  private @Nullable Thread watch;

  MachineWatch(
      List<Lookout> lookouts, Consumer<Notice> onNotice, Duration every, Consumer<String> log) {
    this.lookouts = List.copyOf(lookouts);
    this.onNotice = onNotice;
    this.every = every;
    this.log = log;
  }

  /** Does nothing where there is nothing to look at. */
  synchronized void start() {
    if (!lookouts.isEmpty()) {
      watch = Thread.ofPlatform().daemon().name("watch").start(this::keepLooking);
    }
  }

  private void keepLooking() {
    try {
      while (true) {
        look();
        Thread.sleep(every); // by the system's clock: what is looked at changes by no other
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One look at everything. */
  void look() {
    for (Lookout lookout : lookouts) {
      try {
        lookout.look().forEach(onNotice);
        blind.remove(lookout);
      } catch (IOException e) {
        if (blind.add(lookout)) {
          log.accept("watch: " + e.getMessage());
        }
      }
    }
  }

  @Override
  public synchronized void close() {
    if (watch != null) {
      watch.interrupt();
    }
  }
}
