package dev.muster.status.api;

import dev.muster.kernel.queue.WorkItem;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What waits to be reconciled: what is stalled first, then what failed, then the longest due. */
public record QueueView(List<ItemView> items) {
  public QueueView {
    items = List.copyOf(items);
  }

  /**
   * A key.
   *
   * @param leasedUntil how long somebody works on it at most, null while nobody does
   * @param attempts failures since the last success
   * @param stalled why it waits for changed input, null while it does not
   */
  public record ItemView(
      String key,
      String kind,
      String name,
      Instant dueAt,
      @Nullable Instant leasedUntil,
      int attempts,
      @Nullable String stalled,
      @Nullable String lastError,
      @Nullable String traceparent) {
    static ItemView of(WorkItem item) {
      return new ItemView(
          item.key().toString(),
          item.key().kind(),
          item.key().name(),
          item.due(),
          item.leasedUntil().orElse(null),
          item.attempts(),
          item.stalled().orElse(null),
          item.lastError().orElse(null),
          item.trace().map(TraceContext::traceparent).orElse(null));
    }
  }

  static QueueView read(Read read, int limit) {
    return new QueueView(WorkQueue.items(read, limit).stream().map(ItemView::of).toList());
  }
}
