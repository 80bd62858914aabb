package dev.muster.agent.common;

import java.time.Duration;
import java.time.Instant;

/**
 * Time as the agent sees it. Deadlines use {@link #elapsed}, because a machine's wall clock may
 * jump after boot; reports carry {@link #now}.
 */
public interface AgentTime {
  Instant now();

  /** Monotonic time since the agent's start. */
  Duration elapsed();

  void sleep(Duration duration) throws InterruptedException;

  /** The machine's own clocks. */
  static AgentTime system() {
    long start = System.nanoTime();
    return new AgentTime() {
      @Override
      public Instant now() {
        return Instant.now();
      }

      @Override
      public Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - start);
      }

      @Override
      public void sleep(Duration duration) throws InterruptedException {
        Thread.sleep(duration);
      }
    };
  }
}
