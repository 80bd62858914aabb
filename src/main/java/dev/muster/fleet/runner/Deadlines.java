package dev.muster.fleet.runner;

import java.time.Duration;

/**
 * How long a runner may stay in a state before somebody looks why (FLEET: job and runner states).
 *
 * @param enrol from the launch, or from a start, to the agent's enrolment
 * @param register from the assignment to the registration
 * @param idle registered without a job: GitHub removes idle JIT runners after a few minutes
 * @param settle for stopping and terminating, after which it is tried again
 * @param run the longest that a job may take, with some room for its end
 */
public record Deadlines(
    Duration enrol, Duration register, Duration idle, Duration settle, Duration run) {
  /** For Linux; {@code maxRuntime} is the spec's. */
  public static Deadlines linux(Duration maxRuntime) {
    return new Deadlines(
        Duration.ofMinutes(5),
        Duration.ofMinutes(2),
        Duration.ofMinutes(4),
        Duration.ofMinutes(2),
        maxRuntime.plusMinutes(5));
  }

  /** For Windows, which takes longer to come up. */
  public static Deadlines windows(Duration maxRuntime) {
    Deadlines linux = linux(maxRuntime);
    return new Deadlines(
        Duration.ofMinutes(12), linux.register(), linux.idle(), linux.settle(), linux.run());
  }
}
