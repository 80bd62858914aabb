package dev.muster.fleet.pool;

import dev.muster.config.Activation;
import dev.muster.config.Snapshot;
import dev.muster.fleet.job.JobPlacement;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** A new config concerns every job that waits, every pool it has and every pool with runners. */
public final class FleetActivation implements Activation {
  private final WorkQueue queue;
  private final JobPlacement placement;
  private final InstantSource clock;

  public FleetActivation(WorkQueue queue, JobPlacement placement, InstantSource clock) {
    this.queue = queue;
    this.placement = placement;
    this.clock = clock;
  }

  @Override
  public void activated(Tx tx, Snapshot snapshot) {
    Instant now = clock.instant();
    placement.placeAll(tx, now);
    Set<String> pools = new LinkedHashSet<>();
    snapshot.get(FleetSpec.class).pools().stream().map(PoolSpec::name).forEach(pools::add);
    RunnerStore.counts(tx).forEach(count -> pools.add(count.pool()));
    boolean budgets =
        snapshot.get(FleetSpec.class).environments().values().stream()
            .anyMatch(environment -> environment.budget().isPresent());
    if (budgets) {
      queue.due(tx, RunnerKeys.cost(), now, Optional.empty());
    }
    pools.forEach(pool -> queue.due(tx, RunnerKeys.pool(pool), now, Optional.empty()));
  }
}
