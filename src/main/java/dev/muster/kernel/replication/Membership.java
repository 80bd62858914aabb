package dev.muster.kernel.replication;

import java.util.Map;
import java.util.Optional;

/** This region's place among those that share one environment. */
public interface Membership {
  String environment();

  RegionLease lease();

  /**
   * Why this region must not act on its state of the environment now: another appliance has it, or
   * what others did meanwhile was not read yet.
   */
  Optional<String> hold();

  /** Whether it is known what the others did, since this began. */
  boolean hasRead();

  /** The memberships of this appliance. */
  interface All {
    /** By environment. */
    Map<String, ? extends Membership> now();

    /** Whether they are not yet what the config in force names, which takes a moment. */
    boolean changing();
  }
}
