package dev.muster.kernel.reconcile;

import java.time.Duration;

/** What happens next to a key that was reconciled. */
public sealed interface Outcome {
  /** Nothing is left to do until somebody makes the key due again. */
  record Done() implements Outcome {}

  /** Look again by itself after {@code delay}, earlier when somebody makes it due. */
  record RequeueAfter(Duration delay) implements Outcome {
    public RequeueAfter {
      if (delay.isNegative()) {
        throw new IllegalArgumentException("A delay is not negative: " + delay);
      }
    }
  }

  /** It cannot succeed before its input changes; {@code reason} is shown to people. */
  record Stalled(String reason) implements Outcome {}

  static Outcome done() {
    return new Done();
  }

  static Outcome after(Duration delay) {
    return new RequeueAfter(delay);
  }
}
