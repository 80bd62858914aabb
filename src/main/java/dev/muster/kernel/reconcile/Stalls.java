package dev.muster.kernel.reconcile;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Work on many things under one key. */
public final class Stalls {
  private Stalls() {}

  /**
   * Does {@code action} with each of them: one that cannot succeed keeps no other from its turn.
   *
   * @throws StalledException the first one's, when all had their turn
   */
  public static <T> void each(Iterable<T> things, Consumer<? super T> action) {
    @Nullable StalledException first = null;
    for (T thing : things) {
      try {
        action.accept(thing);
      } catch (StalledException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
