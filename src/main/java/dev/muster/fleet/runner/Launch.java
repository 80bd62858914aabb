package dev.muster.fleet.runner;

import java.time.Instant;
import java.util.Optional;

/**
 * The intent to launch, stored before the cloud is called. A crash between the two is settled by
 * calling again with the same id, which the cloud knows as a repeat.
 *
 * @param count how many runners it is for
 * @param answeredAt when the cloud's answer came
 */
public record Launch(
    LaunchId id,
    String pool,
    String provider,
    String region,
    String specHash,
    int count,
    State state,
    Optional<String> detail,
    Instant createdAt,
    Optional<Instant> answeredAt) {
  /** How far a launch is. */
  public enum State {
    /** The cloud may or may not have been called. */
    PLANNED,
    /** The cloud answered; the runners have their instances or failed. */
    ANSWERED
  }
}
