package dev.muster.kernel.store;

import java.util.Collection;

/** Keeps what changed, inside the commit that changed it. */
public interface ChangeSink {
  /** Called once per commit with changes, in their order; one may be named more than once. */
  void keep(Tx tx, Collection<Change> changes);
}
