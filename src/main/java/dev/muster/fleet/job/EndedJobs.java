package dev.muster.fleet.job;

import dev.muster.kernel.store.Tx;

/**
 * Hears of each job that ended, once, within the transaction that says so. One that was lost and
 * found again ends once more.
 */
public interface EndedJobs {
  /** Nobody listens. */
  EndedJobs UNHEARD =
      new EndedJobs() {
        @Override
        public boolean heard() {
          return false;
        }

        @Override
        public void ended(Tx tx, Job job) {
          // nobody listens
        }
      };

  /** Whether somebody listens; asked before it is found out whether an end is news. */
  default boolean heard() {
    return true;
  }

  void ended(Tx tx, Job job);
}
