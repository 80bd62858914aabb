package dev.muster.agent.common;

import dev.muster.agent.protocol.Phase;
import dev.muster.agent.protocol.Report;
import org.jspecify.annotations.Nullable;

/** Makes numbered reports. */
final class Reports {
  private static final int DETAIL = 1_000;

  private final AgentTime time;
  private final Sequence sequence;

  Reports(AgentTime time) {
    this.time = time;
    this.sequence = new Sequence(time);
  }

  Report of(Phase phase) {
    return of(phase, null, null, null);
  }

  Report of(Phase phase, String detail) {
    return of(phase, detail, null, null);
  }

  Report of(
      Phase phase, @Nullable String detail, @Nullable Integer exitCode, @Nullable String log) {
    return new Report(sequence.next(), phase, time.now(), shortened(detail), exitCode, log);
  }

  private static @Nullable String shortened(@Nullable String detail) {
    return detail == null || detail.length() <= DETAIL ? detail : detail.substring(0, DETAIL);
  }
}
