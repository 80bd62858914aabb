package dev.muster.fleet.runner;

import java.time.Instant;
import java.util.Optional;

/**
 * A runner and how far it is.
 *
 * @param since when it entered its state
 * @param deadline when somebody looks why it has not left its state
 * @param instance the cloud's id of its machine
 * @param version counts changes, for compare-and-set
 */
public record Runner(
    RunnerId id,
    RunnerOrigin origin,
    RunnerState state,
    Instant since,
    Optional<Instant> deadline,
    Optional<String> instance,
    Optional<Reservation> reservation,
    Optional<String> reason,
    long version) {

  /** A runner of a launch that is about to be stored. */
  public static Runner planned(RunnerId id, RunnerOrigin origin, Deadlines deadlines) {
    return new Runner(
        id,
        origin,
        RunnerState.PLANNED,
        origin.createdAt(),
        Optional.of(origin.createdAt().plus(deadlines.enrol())),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        0);
  }

  Runner enter(RunnerState next, Instant now, Optional<Instant> until) {
    return new Runner(id, origin, next, now, until, instance, reservation, reason, version);
  }

  Runner on(String machine) {
    return new Runner(
        id, origin, state, since, deadline, Optional.of(machine), reservation, reason, version);
  }

  Runner reserved(Optional<Reservation> change) {
    return new Runner(id, origin, state, since, deadline, instance, change, reason, version);
  }

  Runner because(String why) {
    return reasoned(Optional.of(why));
  }

  /** What led to an earlier state says nothing about the next. */
  Runner clear() {
    return reasoned(Optional.empty());
  }

  private Runner reasoned(Optional<String> why) {
    return new Runner(id, origin, state, since, deadline, instance, reservation, why, version);
  }
}
