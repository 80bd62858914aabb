package dev.muster.status.api;

import dev.muster.kernel.store.Read;
import dev.muster.webhook.DeliveryStore;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was delivered, newest first. */
public record DeliveryList(List<DeliveryView> deliveries, @Nullable String next) {
  public DeliveryList {
    deliveries = List.copyOf(deliveries);
  }

  /**
   * A delivery.
   *
   * @param id ours, rising in the order of arrival
   * @param deliveryId the sender's
   * @param size of its body, in bytes
   * @param state {@code queued} until it was understood
   * @param outcome what became of it, in words
   */
  public record DeliveryView(
      long id,
      String source,
      String deliveryId,
      String event,
      int size,
      Instant receivedAt,
      String state,
      @Nullable String outcome) {
    static DeliveryView of(DeliveryStore.Summary s) {
      return new DeliveryView(
          s.id(),
          s.source(),
          s.deliveryId(),
          s.event(),
          s.size(),
          s.receivedAt(),
          s.state(),
          s.outcome());
    }
  }

  static DeliveryList read(Read read, Slice slice) {
    List<DeliveryStore.Summary> found =
        DeliveryStore.newest(read, slice.beforeNumber(), slice.andOne());
    return new DeliveryList(
        slice.cut(found).stream().map(DeliveryView::of).toList(),
        slice.next(found, DeliveryStore.Summary::id));
  }
}
