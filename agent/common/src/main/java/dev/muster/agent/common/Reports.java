package dev.muster.agent.common;

import dev.muster.agent.protocol.Phase;
import dev.muster.agent.protocol.Report;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes numbered reports. Numbers begin at the wall clock's milliseconds, so that they rise across
 * restarts of the agent without a file.
 */
final class Reports {
  private static final int DETAIL = 1_000;

  private final AgentTime time;
  private final AtomicLong last = new AtomicLong();

  Reports(AgentTime time) {
    this.time = time;
  }

  Report of(Phase phase) {
    return of(phase, null, null, null);
  }

  Report of(Phase phase, String detail) {
    return of(phase, detail, null, null);
  }

  Report of(
      Phase phase, @Nullable String detail, @Nullable Integer exitCode, @Nullable String log) {
    return new Report(next(), phase, time.now(), shortened(detail), exitCode, log);
  }

  private long next() {
    return last.updateAndGet(previous -> Math.max(previous + 1, time.now().toEpochMilli()));
  }

  private static @Nullable String shortened(@Nullable String detail) {
    return detail == null || detail.length() <= DETAIL ? detail : detail.substring(0, DETAIL);
  }
}
