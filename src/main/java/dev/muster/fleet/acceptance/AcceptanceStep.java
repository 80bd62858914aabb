package dev.muster.fleet.acceptance;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * One step of an acceptance and how far it is.
 *
 * @param askedAt when GitHub was asked last to run its job
 * @param accepted whether GitHub is known to have taken that on
 * @param evidence what was seen, in words; while it runs, what it waits for
 */
public record AcceptanceStep(
    Kind kind,
    State state,
    Optional<Instant> startedAt,
    Optional<Instant> endedAt,
    Optional<Instant> askedAt,
    boolean accepted,
    String evidence) {
  /** What is done, in this order. */
  public enum Kind {
    /** The checks of {@code muster doctor} hold. */
    DOCTOR,
    /** A job completes on a machine that is made for it. */
    COLD,
    /** A job completes on a machine that was stopped and is started for it. */
    WARM,
    /** A job loses its machine, and its rerun completes on demand. */
    INTERRUPT,
    /** Nothing of all that is left, in the cloud or at GitHub. */
    CLEAN_UP;

    /** The word of the API and the report. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** How far it is. */
  public enum State {
    WAITING,
    RUNNING,
    PASSED,
    FAILED,
    SKIPPED;

    public boolean ended() {
      return switch (this) {
        case WAITING, RUNNING -> false;
        case PASSED, FAILED, SKIPPED -> true;
      };
    }

    /** The word of the API and the report. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static AcceptanceStep waiting(Kind kind) {
    return new AcceptanceStep(
        kind, State.WAITING, Optional.empty(), Optional.empty(), Optional.empty(), false, "");
  }

  AcceptanceStep started(Instant now) {
    return new AcceptanceStep(
        kind, State.RUNNING, Optional.of(now), endedAt, askedAt, accepted, evidence);
  }

  AcceptanceStep asked(Instant now) {
    return new AcceptanceStep(kind, state, startedAt, endedAt, Optional.of(now), false, evidence);
  }

  AcceptanceStep takenOn() {
    return new AcceptanceStep(kind, state, startedAt, endedAt, askedAt, true, evidence);
  }

  AcceptanceStep saying(String what) {
    return new AcceptanceStep(kind, state, startedAt, endedAt, askedAt, accepted, what);
  }

  AcceptanceStep ended(State how, Instant now, String why) {
    return new AcceptanceStep(kind, how, startedAt, Optional.of(now), askedAt, accepted, why);
  }
}
