package dev.muster.kernel.tracing;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The trace that this thread works for, for its log. Kept only where a log asks for it. */
public final class CurrentTrace {
  private static final ThreadLocal<@Nullable TraceContext> CURRENT = new ThreadLocal<>();
  private static volatile boolean wanted;

  private CurrentTrace() {}

  /** From now on it is kept. */
  public static void want() {
    wanted = true;
  }

  /** Empty where this thread works for no trace, or nobody wants to know. */
  public static Optional<TraceContext> get() {
    return wanted ? Optional.ofNullable(CURRENT.get()) : Optional.empty();
  }

  /** What follows in this thread is for {@code trace}; returns what was before, to be put back. */
  public static Optional<TraceContext> enter(Optional<TraceContext> trace) {
    if (!wanted) {
      return Optional.empty();
    }
    Optional<TraceContext> before = Optional.ofNullable(CURRENT.get());
    back(trace);
    return before;
  }

  /** What {@link #enter} returned is current again. */
  public static void back(Optional<TraceContext> before) {
    if (!wanted) {
      return;
    }
    if (before.isPresent()) {
      CURRENT.set(before.get());
    } else {
      CURRENT.remove();
    }
  }
}
