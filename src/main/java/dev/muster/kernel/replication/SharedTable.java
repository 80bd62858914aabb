package dev.muster.kernel.replication;

import java.util.List;
import java.util.Optional;

/**
 * This region's replica of the table that all regions share. Nothing in it locks across regions: of
 * two writes to one item the last wins, which is why every item has one writer.
 *
 * <p>All operations throw {@code TransientException} when the table cannot be asked now, and {@code
 * StalledException} when it must not be used before someone mends it.
 */
public interface SharedTable extends AutoCloseable {
  /** The version of the form in which items are written. */
  int FORMAT = 1;

  /** Where it is, for people. */
  String name();

  /** Sees whether the table can be used, and marks a new one with {@link #FORMAT}. */
  void check();

  /**
   * Writes items, each over what was there.
   *
   * @return those that the table did not take now, because it is asked for too much
   */
  List<Item> write(List<Item> items);

  /** A page of a region's items in one shard, in the order of their keys. */
  Page read(String writer, int shard, Optional<String> after);

  /** The leases of all regions, as the replica has them at this moment. */
  List<Lease> leases();

  /**
   * Writes this region's lease if it is still as expected.
   *
   * @param expected empty where there was none
   * @return false where another has written it since
   */
  boolean write(Lease lease, Optional<Lease> expected);

  /** What changes from now on. */
  Feed follow();

  @Override
  void close();

  /**
   * Items of the table.
   *
   * @param unusable what is there and cannot be taken, and why
   * @param next where the next page begins; empty on the last
   */
  record Page(List<Item> items, List<Unusable> unusable, Optional<String> next) {
    public Page {
      items = List.copyOf(items);
      unusable = List.copyOf(unusable);
    }
  }

  /** An item that cannot be taken, and why. */
  record Unusable(String key, String reason) {}

  /** What changes; each change at least once, those of one item in their order. */
  interface Feed {
    /** What came since the last call; does not wait. */
    Batch poll();
  }

  /** Changes of the table. */
  record Batch(List<Item> items, List<Lease> leases, List<Unusable> unusable) {
    public Batch {
      items = List.copyOf(items);
      leases = List.copyOf(leases);
      unusable = List.copyOf(unusable);
    }

    public boolean empty() {
      return items.isEmpty() && leases.isEmpty() && unusable.isEmpty();
    }
  }
}
