package dev.muster.kernel.replication;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the replication must know of one kind of aggregates. */
public interface ReplicatedKind {
  /** As in {@code job}; part of each item's key. */
  String kind();

  /**
   * An aggregate as it is now.
   *
   * @return empty where it is gone, or is not of {@code environment}
   */
  Optional<State> state(Read read, String environment, String name);

  /** The names of all that the table should have when this region begins to write there. */
  List<String> names(Read read, String environment);

  /** Whether {@link #names} is all that there may be: what the table has beyond it is gone. */
  default boolean complete() {
    return false;
  }

  /**
   * Takes an aggregate of this region back from the table, which knows it as newer than this
   * database does.
   *
   * @throws IllegalArgumentException when its body is not of this kind
   */
  void restore(Tx tx, String environment, Item item);

  /**
   * The state of another region's aggregate is here: what it concerns becomes due.
   *
   * @throws IllegalArgumentException when its body is not of this kind
   */
  default void arrived(Tx tx, String environment, Item item) {}

  /**
   * A state.
   *
   * @param body JSON object
   * @param expires when the table may forget it
   */
  record State(String body, Optional<Instant> expires) {}
}
