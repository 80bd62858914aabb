package dev.muster.fleet.compute;

import java.util.List;

/** What became of a launch. */
public sealed interface LaunchResult {
  /**
   * Machines were made.
   *
   * @param machines at most as many as were asked for
   * @param note why there are fewer, or where they are; empty when there is nothing to say
   */
  record Launched(List<Machine> machines, String note) implements LaunchResult {
    public Launched {
      machines = List.copyOf(machines);
    }

    /** Where there is nothing to say of machines but their ids. */
    public static Launched plain(List<String> ids, String note) {
      return new Launched(ids.stream().map(Machine::plain).toList(), note);
    }

    /** Their ids. */
    public List<String> instances() {
      return machines.stream().map(Machine::id).toList();
    }
  }

  /** There is no room now; later or elsewhere there may be. */
  record NoCapacity(String reason) implements LaunchResult {}

  /** It will never be done as asked. */
  record Refused(String reason) implements LaunchResult {}
}
