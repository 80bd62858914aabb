package dev.muster.kernel.replication.aws;

import dev.muster.kernel.replication.Item;
import dev.muster.kernel.replication.Lease;
import dev.muster.kernel.replication.SharedTable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A table that notes when each item was written and when it was given to who follows. */
final class TimedTable implements SharedTable {
  private final SharedTable table;
  private final Map<String, Call> writes = new ConcurrentHashMap<>();
  private final Map<String, Call> polls = new ConcurrentHashMap<>();

  TimedTable(SharedTable table) {
    this.table = table;
  }

  /** A call of the table, by {@link System#nanoTime}. */
  record Call(long begun, long ended) {
    long took() {
      return ended - begun;
    }
  }

  /** The first call that wrote an aggregate. */
  Call written(String aggregate) {
    return Objects.requireNonNull(writes.get(aggregate), aggregate);
  }

  /** The first call that gave it. */
  Call given(String aggregate) {
    return Objects.requireNonNull(polls.get(aggregate), aggregate);
  }

  private static void note(Map<String, Call> calls, List<Item> items, long begun) {
    Call call = new Call(begun, System.nanoTime());
    items.forEach(item -> calls.putIfAbsent(item.key().name(), call));
  }

  @Override
  public List<Item> write(List<Item> items) {
    long begun = System.nanoTime();
    List<Item> refused = table.write(items);
    note(writes, items, begun);
    return refused;
  }

  @Override
  public Feed follow() {
    Feed feed = table.follow();
    return () -> {
      long begun = System.nanoTime();
      Batch batch = feed.poll();
      note(polls, batch.items(), begun);
      return batch;
    };
  }

  @Override
  public String name() {
    return table.name();
  }

  @Override
  public void check() {
    table.check();
  }

  @Override
  public Page read(String writer, int shard, Optional<String> after) {
    return table.read(writer, shard, after);
  }

  @Override
  public List<Lease> leases() {
    return table.leases();
  }

  @Override
  public boolean write(Lease lease, Optional<Lease> expected) {
    return table.write(lease, expected);
  }

  @Override
  public void close() {
    table.close();
  }
}
