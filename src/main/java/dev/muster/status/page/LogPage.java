package dev.muster.status.page;

import dev.muster.status.api.AuditList;
import dev.muster.status.api.DeliveryList;
import dev.muster.status.api.QueueView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The pages that are one or two lists and nothing else. */
sealed interface LogPage {
  /** What waits to be done, and what came in. */
  record Queue(List<QueueView.ItemView> items, List<DeliveryList.DeliveryView> deliveries)
      implements LogPage {
    public Queue {
      items = List.copyOf(items);
      deliveries = List.copyOf(deliveries);
    }

    boolean anyItem() {
      return !items.isEmpty();
    }

    boolean anyDelivery() {
      return !deliveries.isEmpty();
    }
  }

  /**
   * Who did what.
   *
   * @param next the address of the older entries, null where these are the last
   */
  record Audit(List<AuditList.EntryView> entries, @Nullable String next) implements LogPage {
    public Audit {
      entries = List.copyOf(entries);
    }

    boolean any() {
      return !entries.isEmpty();
    }
  }
}
