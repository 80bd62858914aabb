package dev.muster.webhook;

import dev.muster.kernel.store.Tx;

/** Decides what a recorded delivery means. */
public interface DeliveryHandler {
  /** The source whose deliveries it understands. */
  String source();

  /** Reads the payload; pure, outside of any transaction. */
  Effect read(Delivery delivery);

  /** What a delivery does to the state. */
  sealed interface Effect {
    /** Nothing, for this reason. */
    record Ignored(String reason) implements Effect {}

    /** Applied together with the mark that the delivery is done; {@code summary} says what. */
    record Change(String summary, Application application) implements Effect {}
  }

  /** A change of state inside the transaction that settles the delivery. */
  interface Application {
    void apply(Tx tx);
  }
}
