package dev.muster.webhook;

import dev.muster.kernel.store.Tx;
import dev.muster.kernel.tracing.TraceContext;
import java.util.Optional;

/** Decides what a recorded delivery means. */
public interface DeliveryHandler {
  /** Bodies that are nested deeper are refused at the door; GitHub's are less than ten deep. */
  int MAX_DEPTH = 64;

  /** The source whose deliveries it understands. */
  String source();

  /**
   * Reads the payload; pure, outside of any transaction.
   *
   * @return {@link Effect.Unread} unless the payload was read to its end, and is one JSON value
   *     nested at most {@link #MAX_DEPTH} deep with nothing behind it: the door relies on it
   */
  Effect read(Delivery delivery);

  /** What a delivery does to the state. */
  sealed interface Effect {
    /** Nothing, for this reason. */
    record Ignored(String reason) implements Effect {}

    /** Nothing, for this reason, and the payload may hold anything. */
    record Unread(String reason) implements Effect {}

    /** Applied together with the mark that the delivery is done; {@code summary} says what. */
    record Change(String summary, Application application) implements Effect {}
  }

  /** A change of state inside the transaction that settles the delivery. */
  interface Application {
    /**
     * Applies it.
     *
     * @return the trace of what it changed, which need not be the delivery's own
     */
    Optional<TraceContext> apply(Tx tx);
  }
}
