package dev.muster.kernel.reconcile;

import dev.muster.kernel.tracing.TraceContext;
import java.util.Optional;

/**
 * Brings one object to its desired state. Level-based: it reads all state for its key and never
 * relies on having been called for each change; being called twice does no harm. It never sleeps
 * and holds no transaction across a call to the outside.
 *
 * @param <K> the typed id of the object
 */
public interface Reconciler<K> {
  /** The kind of its keys in the queue, as {@code pool}. */
  String kind();

  /** The typed id for a name in the queue. */
  K key(String name);

  /**
   * Reconciles one object.
   *
   * @throws TransientException to be tried again with backoff
   * @throws StalledException to wait for changed input
   */
  Outcome reconcile(K key, Optional<TraceContext> trace) throws InterruptedException;

  /**
   * Whether a key is about one thing that happens once, as a job, and stays in its trace until it
   * is done. Else a trace ends with the reconcile that it asked for, and what the key does later by
   * itself is none of its business.
   */
  default boolean ofOneTrace() {
    return false;
  }

  /** How many keys of this kind are worked on at a time. */
  default int concurrency() {
    return 8;
  }
}
