package dev.muster.fleet.job;

import dev.muster.fleet.spec.PoolSpec;

/** Whether and where a job is served as a config stands. */
public sealed interface Match {
  /**
   * In this pool, which may be an ad hoc one.
   *
   * @param forks whether code from forks may run there; else it must be known that it is none
   */
  record Served(PoolSpec pool, boolean forks) implements Match {
    public Placement placement() {
      return new Placement(pool.name(), pool.environment(), pool.region());
    }
  }

  /** It is meant for us and cannot be served. */
  record Rejected(String reason) implements Match {}

  /** Nothing in it names us. */
  record NotOurs() implements Match {}
}
