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
  /** So many are kept at most; in a storm beyond that the rows are read. */
  static final int KEPT = 4_096;

  private record Fresh(Place place, Effect effect) {}

  private final Deque<Fresh> kept = new ArrayDeque<>();

  /** Keeps one; they come in the order of their places, after the commit that recorded them. */
  synchronized void add(Place place, Effect effect) {
    if (kept.size() < KEPT) {
      kept.addLast(new Fresh(place, effect));
    }
  }

  /** Hands out the one that was kept for {@code place}, and forgets it and all before it. */
  synchronized Optional<Effect> take(Place place) {
    while (!kept.isEmpty() && kept.getFirst().place().compareTo(place) < 0) {
      kept.removeFirst();
    }
    return !kept.isEmpty() && kept.getFirst().place().equals(place)
        ? Optional.of(kept.removeFirst().effect())
        : Optional.empty();
  }
}
