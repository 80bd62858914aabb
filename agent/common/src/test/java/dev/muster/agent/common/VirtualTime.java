package dev.muster.agent.common;

import java.time.Duration;
import java.time.Instant;

/** Time that passes only while someone sleeps. */
public final class VirtualTime implements AgentTime {
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
  private Duration elapsed = Duration.ZERO;

  @Override
  public synchronized Instant now() {
    return START.plus(elapsed);
  }

  @Override
  public synchronized Duration elapsed() {
    return elapsed;
  }

  @Override
  public synchronized void sleep(Duration duration) {
    elapsed = elapsed.plus(duration);
  }
}
