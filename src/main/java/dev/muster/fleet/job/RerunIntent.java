package dev.muster.fleet.job;

import java.time.Instant;

/**
 * That an attempt of a run lost jobs with their machines and is to be followed by another. GitHub
 * reruns nothing of a run that is open, so this waits for the run's end; one intent stands for all
 * the jobs that the attempt lost, since the first rerun opens the run again.
 *
 * @param attempt GitHub's {@code run_attempt} that lost them
 * @param detail what was decided, for people; empty while nothing is
 * @param changedAt when it entered its state
 */
public record RerunIntent(
    RunRef run, int attempt, State state, String detail, Instant createdAt, Instant changedAt) {
  /** How far it is. */
  public enum State {
    /** The run may not have ended yet. */
    WAITING,
    /** GitHub is asked, or was and the answer is lost. */
    ASKED,
    /** The next attempt has begun because we asked. */
    RERUN,
    /** Nothing is rerun; the detail says why. */
    DROPPED
  }
}
