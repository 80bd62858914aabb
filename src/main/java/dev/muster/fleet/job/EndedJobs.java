package dev.muster.fleet.job;

import dev.muster.kernel.store.Tx;

/** Hears of each job that ended, once, within the transaction that says so. */
@FunctionalInterface
public interface EndedJobs {
  /** Nobody listens. */
  EndedJobs UNHEARD = (tx, job) -> {};

  void ended(Tx tx, Job job);
}
