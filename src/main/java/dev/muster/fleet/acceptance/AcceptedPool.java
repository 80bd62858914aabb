package dev.muster.fleet.acceptance;

import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.kernel.reconcile.StalledException;
import java.util.Optional;
import java.util.function.Supplier;

/** The pool of an acceptance in the config in force, which may change meanwhile. */
record AcceptedPool(Supplier<Optional<FleetSpec>> fleet) {
  PoolSpec of(Acceptance acceptance) {
    return fleet
        .get()
        .flatMap(spec -> spec.pool(acceptance.pool()))
        .orElseThrow(() ->
            new StalledException(
                "The config in force no longer has pool %s; begin another acceptance"
                    .formatted(acceptance.pool()),
                null));
  }
}
