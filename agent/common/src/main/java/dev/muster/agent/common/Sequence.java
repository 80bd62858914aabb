package dev.muster.agent.common;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Rising numbers. They begin at the wall clock's milliseconds, so that they rise across restarts of
 * the agent without a file.
 */
final class Sequence {
  private final AgentTime time;
  private final AtomicLong last = new AtomicLong();

  Sequence(AgentTime time) {
    this.time = time;
  }

  long next() {
    return last.updateAndGet(previous -> Math.max(previous + 1, time.now().toEpochMilli()));
  }
}
