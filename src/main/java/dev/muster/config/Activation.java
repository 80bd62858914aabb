package dev.muster.config;

import dev.muster.kernel.store.Tx;

/** Told when a config comes into force, inside the transaction that puts it there. */
public interface Activation {
  /** Makes due what the config concerns. */
  void activated(Tx tx, Snapshot snapshot);
}
