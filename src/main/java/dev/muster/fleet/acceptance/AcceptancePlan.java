package dev.muster.fleet.acceptance;

import dev.muster.fleet.acceptance.AcceptanceStep.Kind;
import dev.muster.fleet.acceptance.AcceptanceWorkflow.Place;
import dev.muster.fleet.compute.HourlyPrice;
import dev.muster.fleet.spec.PoolSpec;
import java.time.Duration;
import java.util.Optional;

/** What an acceptance would do, and what it may cost, before anything is done. */
public sealed interface AcceptancePlan {
  /**
   * It can begin.
   *
   * @param machines the most that it launches, beside what the pool keeps anyway
   * @param longest how long each runs at most
   * @param price of one of them; empty where that is not known
   */
  record Possible(
      Place place, PoolSpec pool, int machines, Duration longest, Optional<HourlyPrice> price)
      implements AcceptancePlan {
    /** One cold, one warm, one that is interrupted, and its rerun's. */
    static final int MACHINES = 4;

    static Possible of(Acceptance shape, PoolSpec pool, Optional<HourlyPrice> price) {
      return new Possible(shape.place(), pool, MACHINES, shape.limit(Kind.INTERRUPT), price);
    }

    /** The most that it costs, in millionths of a US dollar. */
    public Optional<Long> mostMicroUsd() {
      return price.map(p -> p.microUsd() * machines * longest.toSeconds() / 3_600);
    }
  }

  /** It cannot; the reason says the way out. */
  record Impossible(String reason) implements AcceptancePlan {}
}
