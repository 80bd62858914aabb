package dev.muster.fleet.acceptance;

import dev.muster.fleet.acceptance.AcceptanceStep.Kind;
import dev.muster.fleet.acceptance.AcceptanceStep.State;
import dev.muster.fleet.acceptance.AcceptanceWorkflow.Place;
import dev.muster.fleet.spec.Os;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One run through all steps.
 *
 * @param place whose workflow is run
 * @param pool by its name in the config
 * @param steps all of them, in their order
 */
public record Acceptance(
    AcceptanceId id,
    Place place,
    String pool,
    Os os,
    Instant createdAt,
    Optional<Instant> endedAt,
    List<AcceptanceStep> steps) {
  public Acceptance {
    steps = List.copyOf(steps);
  }

  static Acceptance begin(AcceptanceId id, Place place, String pool, Os os, Instant now) {
    return new Acceptance(
        id,
        place,
        pool,
        os,
        now,
        Optional.empty(),
        Arrays.stream(Kind.values()).map(AcceptanceStep::waiting).toList());
  }

  /** The first step that has not ended. */
  Optional<AcceptanceStep> current() {
    return steps.stream().filter(step -> !step.state().ended()).findFirst();
  }

  AcceptanceStep step(Kind kind) {
    return steps.stream().filter(step -> step.kind() == kind).findFirst().orElseThrow();
  }

  public boolean failed() {
    return steps.stream().anyMatch(step -> step.state() == State.FAILED);
  }

  /** How long a step may take. */
  Duration limit(Kind kind) {
    Duration limit = Duration.ofMinutes(os == Os.WINDOWS ? 30 : 15);
    // Two machines come up one after the other, and GitHub may take ten minutes to give a job up.
    return kind == Kind.INTERRUPT ? limit.plusMinutes(15) : limit;
  }
}
