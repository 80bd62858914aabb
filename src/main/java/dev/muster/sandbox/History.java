package dev.muster.sandbox;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;

/** What something was, and when, so that a reader can be shown the past. */
final class History<T> {
  private record Entry<T>(Instant at, Optional<T> value) {}

  private final Deque<Entry<T>> entries = new ArrayDeque<>();

  void put(T value, Instant at) {
    entries.addLast(new Entry<>(at, Optional.of(value)));
  }

  /** From now on there is nothing. */
  void end(Instant at) {
    entries.addLast(new Entry<>(at, Optional.empty()));
  }

  Optional<T> latest() {
    Entry<T> last = entries.peekLast();
    return last == null ? Optional.empty() : last.value();
  }

  /** Whether no reader as of {@code when} or later sees anything. */
  boolean endedBy(Instant when) {
    Entry<T> last = entries.peekLast();
    return last != null && last.value().isEmpty() && !last.at().isAfter(when);
  }

  Optional<T> asOf(Instant when) {
    Iterator<Entry<T>> backwards = entries.descendingIterator();
    while (backwards.hasNext()) {
      Entry<T> entry = backwards.next();
      if (!entry.at().isAfter(when)) {
        return entry.value();
      }
    }
    return Optional.empty();
  }
}
