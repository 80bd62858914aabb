package dev.muster.fleet.runner;

import java.util.Optional;

/** What a machine that wants to enrol is worth before its runner is looked at. */
public sealed interface Admission {
  /**
   * It may be a machine of the launch.
   *
   * @param note what is known of its identity, for its runner's timeline
   */
  record Admitted(Launch launch, Optional<String> note) implements Admission {}

  /** The cloud has not answered yet which machines there are. */
  record NotYet() implements Admission {}

  record Refused(String reason) implements Admission {}
}
