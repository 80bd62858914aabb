package dev.muster.kernel.store;

/** Which closures go first when more wait than one commit takes. */
public enum Priority {
  /** Somebody outside waits for the answer: a webhook, a push, an agent. */
  ACKNOWLEDGE,
  /** A reconciler records what it decided or learnt. */
  RECONCILE,
  /** Retention and other work that nobody waits for. */
  HOUSEKEEPING
}
