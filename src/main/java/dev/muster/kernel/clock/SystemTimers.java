package dev.muster.kernel.clock;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Timers on one daemon thread that sleeps until the next appointment. */
public final class SystemTimers implements Timers {
  private final InstantSource clock;
  private final ScheduledThreadPoolExecutor executor;

  public SystemTimers(InstantSource clock) {
    this.clock = clock;
    this.executor =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("muster-timers").daemon().factory());
    executor.setRemoveOnCancelPolicy(true);
  }

  @Override
  public Timer at(Instant due, Runnable action) {
    Duration wait = Duration.between(clock.instant(), due);
    Future<?> future =
        executor.schedule(action, Math.max(0, wait.toMillis()), TimeUnit.MILLISECONDS);
    return () -> future.cancel(false);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
