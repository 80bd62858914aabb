package dev.muster.fleet.acceptance;

import dev.muster.fleet.acceptance.AcceptanceStep.Kind;
import dev.muster.fleet.spec.PoolSpec;
import java.time.Duration;

/** The label of each step's job, by whose beginning it is told from all others. */
final class AcceptanceLabels {
  private AcceptanceLabels() {}

  /** How the labels of all jobs of an acceptance begin. */
  static String beginning(AcceptanceId id) {
    return "muster=" + id + "-";
  }

  /** How the labels of a step's jobs begin. */
  static String beginning(AcceptanceId id, Kind kind) {
    return beginning(id) + kind.word() + "/";
  }

  /** Takes what the pool keeps. */
  static String warm(Acceptance acceptance, Kind kind) {
    return beginning(acceptance.id(), kind) + "pool=" + acceptance.pool();
  }

  /**
   * Gets a machine of its own: no pool keeps any with this longest run, and nobody else is likely
   * to ask for it.
   */
  static String fresh(Acceptance acceptance, Kind kind, PoolSpec pool) {
    Duration run = acceptance.limit(Kind.INTERRUPT).plusMinutes(1);
    if (run.equals(pool.runner().maxRuntime())) {
      run = run.plusMinutes(1);
    }
    return warm(acceptance, kind) + "/max-runtime=" + run.toMinutes() + "m";
  }
}
