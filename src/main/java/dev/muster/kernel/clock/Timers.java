package dev.muster.kernel.clock;

import java.time.Instant;

/** Wakes someone at an instant. Nothing else in the appliance waits for time to pass. */
public interface Timers extends AutoCloseable {
  /**
   * Runs {@code action} once, at {@code due} or as soon after it as possible. The action must be
   * short: it signals, it does not work.
   */
  Timer at(Instant due, Runnable action);

  @Override
  void close();

  /** One appointment. */
  interface Timer {
    /** No promise is made about an action that is already running. */
    void cancel();
  }
}
