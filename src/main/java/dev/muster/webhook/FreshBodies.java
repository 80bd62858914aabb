package dev.muster.webhook;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bodies that are being recorded, for the inbox, which else reads and inflates each again a moment
 * later. Bounded and dispensable: what is not here is in the database.
 */
final class FreshBodies {
  /** Bytes of bodies in total. */
  static final long BYTES = 4 << 20;

  private record Place(long commit, int place) {}

  private final Map<Place, byte[]> bodies = new ConcurrentHashMap<>();
  private final AtomicLong bytes = new AtomicLong();

  /** Keeps the body of the row that will stand at this place of the commit, if there is room. */
  void offer(long commit, int place, byte[] body) {
    if (bytes.addAndGet(body.length) > BYTES) {
      bytes.addAndGet(-body.length);
      return;
    }
    // A commit that failed is made again under its number, with other bodies.
    byte[] before = bodies.put(new Place(commit, place), body);
    if (before != null) {
      bytes.addAndGet(-before.length);
    }
  }

  /** Hands the body over, once. */
  Optional<byte[]> take(long commit, int place) {
    Optional<byte[]> body = Optional.ofNullable(bodies.remove(new Place(commit, place)));
    body.ifPresent(b -> bytes.addAndGet(-b.length));
    return body;
  }

  /** Drops what nobody came for, as its commit failed. */
  void clear() {
    bodies.keySet().forEach(place -> take(place.commit(), place.place()));
  }
}
