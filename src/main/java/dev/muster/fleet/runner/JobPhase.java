package dev.muster.fleet.runner;

import java.time.Instant;
import java.util.Optional;

/**
 * A stretch of a job's life.
 *
 * @param to empty while it lasts
 * @param detail what its timeline says of its beginning; may be empty
 */
public record JobPhase(Kind kind, Instant from, Optional<Instant> to, String detail) {
  /** What a job can be waiting for, or be at. */
  public enum Kind {
    /** From GitHub's own time of queueing until it is placed in a pool. */
    QUEUED("queued"),
    /** Until it is known whether it may be served. */
    HELD("held back"),
    WAITING("waiting for a runner"),
    /** The machine of its runner starts meanwhile; a warm one did before. */
    MACHINE("machine starting"),
    /** Its runner is made known to GitHub. */
    REGISTERING("registering the runner"),
    /** By the agent's reports, until GitHub says that the job runs. */
    STARTING("runner starting"),
    RUNNING("steps running"),
    /** Until its machine is gone. */
    ENDING("cleaning up");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** For people. */
    public String word() {
      return word;
    }
  }
}
