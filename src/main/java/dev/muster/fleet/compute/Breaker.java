package dev.muster.fleet.compute;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether an {@link Offer} is worth asking for. Opens when there was no capacity, or when three of
 * its machines were taken back within a quarter of an hour; after half an hour one launch probes
 * it, and what becomes of that closes or opens it again. Pure.
 *
 * @param openedAt empty while it is closed
 * @param probedAt when the last launch that probes was sent
 * @param interruptions of the last quarter of an hour
 * @param reason why it opened
 */
public record Breaker(
    Optional<Instant> openedAt,
    Optional<Instant> probedAt,
    List<Instant> interruptions,
    String reason) {
  /** How long nothing is asked of an open one. */
  public static final Duration OPEN = Duration.ofMinutes(30);

  /** Nothing is known against it. */
  public static final Breaker CLOSED =
      new Breaker(Optional.empty(), Optional.empty(), List.of(), "");

  private static final int TOLERATED = 2;
  private static final Duration LATELY = Duration.ofMinutes(15);

  /** A probe whose launch was never answered does not hold up the next for longer. */
  private static final Duration PROBE = Duration.ofMinutes(2);

  public Breaker {
    interruptions = List.copyOf(interruptions);
  }

  /** Whether a launch may include the offer. */
  public boolean allows(Instant now) {
    return openedAt.isEmpty()
        || (!now.isBefore(until().orElseThrow())
            && probedAt.map(at -> !now.isBefore(at.plus(PROBE))).orElse(true));
  }

  /** Whether a launch that includes the offer finds out for the others. */
  public boolean probing(Instant now) {
    return openedAt.isPresent() && allows(now);
  }

  /** Until when nothing is asked; empty while it is closed. */
  public Optional<Instant> until() {
    return openedAt.map(at -> at.plus(OPEN));
  }

  /** There was no capacity. */
  public Breaker failed(Instant now, String why) {
    return new Breaker(Optional.of(now), Optional.empty(), interruptions, why);
  }

  /** A machine of it was taken back. */
  public Breaker interrupted(Instant now) {
    List<Instant> lately =
        Stream.concat(interruptions.stream(), Stream.of(now))
            .filter(at -> at.isAfter(now.minus(LATELY)))
            .toList();
    return lately.size() > TOLERATED
        ? new Breaker(
            Optional.of(now),
            Optional.empty(),
            lately,
            lately.size() + " interruptions in 15 minutes")
        : new Breaker(openedAt, probedAt, lately, reason);
  }

  /** A launch that includes the offer is being sent. */
  public Breaker probed(Instant now) {
    return new Breaker(openedAt, Optional.of(now), interruptions, reason);
  }

  /** Machines of it were made. What was taken back lately still counts. */
  public Breaker succeeded() {
    return new Breaker(Optional.empty(), Optional.empty(), interruptions, "");
  }
}
