package dev.muster.fleet.compute;

import java.util.List;

/** What became of a launch. */
public sealed interface LaunchResult {
  /**
   * Machines were made.
   *
   * @param instances their ids, at most as many as were asked for
   * @param note why there are fewer, or where they are; empty when there is nothing to say
   */
  record Launched(List<String> instances, String note) implements LaunchResult {
    public Launched {
      instances = List.copyOf(instances);
    }
  }

  /** There is no room now; later or elsewhere there may be. */
  record NoCapacity(String reason) implements LaunchResult {}

  /** It will never be done as asked. */
  record Refused(String reason) implements LaunchResult {}
}
