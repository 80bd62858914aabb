package dev.muster.webhook;

import dev.muster.webhook.DeliveryHandler.Effect;
import dev.muster.webhook.DeliveryStore.Place;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * What was made of deliveries when they arrived, kept for the moment until the inbox comes to them.
 * The row remains what counts: whatever is not here is read from it.
 */
final class FreshEffects {
  /** They come from so many bytes of body at most; in a storm beyond that the rows are read. */
  static final int KEPT = 8 << 20;

  private record Fresh(Place place, Effect effect, int size) {}

  private final Deque<Fresh> kept = new ArrayDeque<>();
  private long bytes;

  /**
   * Keeps one; they come in the order of their places, within the transaction that records them: a
   * row can be read as soon as that is committed, which is before it is on disk. What one that
   * failed left here has no row, and its place is given to the next.
   *
   * @param effect empty when it was not understood yet
   * @param size of its body, which an effect may hold most of
   */
  synchronized void add(Place place, Optional<Effect> effect, int size) {
    while (!kept.isEmpty() && kept.getLast().place().compareTo(place) >= 0) {
      bytes -= kept.removeLast().size();
    }
    if (effect.isPresent() && bytes + size <= KEPT) {
      kept.addLast(new Fresh(place, effect.get(), size));
      bytes += size;
    }
  }

  /** Hands out the one that was kept for {@code place}, and forgets it and all before it. */
  synchronized Optional<Effect> take(Place place) {
    while (!kept.isEmpty() && kept.getFirst().place().compareTo(place) < 0) {
      removeFirst();
    }
    return !kept.isEmpty() && kept.getFirst().place().equals(place)
        ? Optional.of(removeFirst().effect())
        : Optional.empty();
  }

  private Fresh removeFirst() {
    Fresh first = kept.removeFirst();
    bytes -= first.size();
    return first;
  }
}
