package dev.muster.agent.common;

import java.time.Duration;

/**
 * How much time a job is given to end by itself.
 *
 * @param cancel for GitHub's runner to cancel its job and to say so, as after Ctrl-C
 * @param term after that, for every process that was asked to end, where the system can ask
 */
public record Grace(Duration cancel, Duration term) {
  /** For what is left of a job that has ended. */
  public static final Grace NONE = new Grace(Duration.ZERO, Duration.ZERO);

  public Grace {
    if (cancel.isNegative() || term.isNegative()) {
      throw new IllegalArgumentException("grace must not be negative");
    }
  }
}
