package dev.muster.kernel.reconcile;

import dev.muster.kernel.queue.WorkKey;

/** Reconciles the one object of its kind. */
public interface SoleReconciler extends Reconciler<String> {
  /** Its key in the queue. */
  WorkKey only();

  @Override
  default String kind() {
    return only().kind();
  }

  @Override
  default String key(String name) {
    return name;
  }
}
