package dev.muster.fleet.compute;

import java.time.Instant;
import java.util.Optional;

/**
 * A machine as its provider lists it.
 *
 * @param launch the launch it was made by, where it says so
 */
public record Instance(String id, State state, Optional<String> launch, Instant launchedAt) {
  /** How it is. */
  public enum State {
    PENDING,
    RUNNING,
    STOPPING,
    STOPPED
  }
}
