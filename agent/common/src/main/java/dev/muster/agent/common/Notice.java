package dev.muster.agent.common;

import java.time.Instant;

/** Something about the machine that the appliance should know while the machine works. */
sealed interface Notice {
  /** In words, for a report and for the log. */
  String text();

  /**
   * The machine is taken away.
   *
   * @param action what becomes of it, as EC2 says: {@code terminate}, {@code stop}, {@code
   *     hibernate}
   * @param at when
   */
  record Interruption(String action, Instant at) implements Notice {
    @Override
    public String text() {
      return "spot interruption: %s at %s".formatted(action, at);
    }
  }

  /** Only to be told. */
  record Remark(String text) implements Notice {}
}
