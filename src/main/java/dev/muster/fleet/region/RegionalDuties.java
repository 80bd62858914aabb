package dev.muster.fleet.region;

import dev.muster.fleet.github.DeliveryCatchUp;
import dev.muster.fleet.github.QueuedJobScan;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.kernel.audit.Actor;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.replication.RegionLease;
import dev.muster.kernel.replication.Replication;
import dev.muster.kernel.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Makes due what the others' silence, or what they told, concerns. */
public final class RegionalDuties implements Replication.Listener {
  /** What a region heard so long before its last beat may not have been told to the others. */
  private static final Duration UNTOLD = Duration.ofMinutes(10);

  private final WorkQueue queue;
  private final AuditLog audit;
  private final InstantSource clock;
  private final Supplier<Optional<FleetSpec>> fleet;
  private final Consumer<String> together;
  private final Consumer<String> renew;

  /**
   * @param together brings an environment's jobs together with what others told of them
   * @param renew begins an environment's replication anew
   */
  public RegionalDuties(
      WorkQueue queue,
      AuditLog audit,
      InstantSource clock,
      Supplier<Optional<FleetSpec>> fleet,
      Consumer<String> together,
      Consumer<String> renew) {
    this.queue = queue;
    this.audit = audit;
    this.clock = clock;
    this.fleet = fleet;
    this.together = together;
    this.renew = renew;
  }

  @Override
  public void taken(Tx tx, String environment, String region, RegionLease.Takeover takeover) {
    Instant now = clock.instant();
    DeliveryCatchUp.doubt(tx, now.minus(takeover.silence()).minus(UNTOLD));
    audit.add(
        tx,
        Actor.MUSTER,
        "region.taken-over",
        environment + "/" + region,
        "silent for %d s; generation %d"
            .formatted(takeover.silence().toSeconds(), takeover.taken().generation()));
    due(tx, RegionKeys.takeover(environment, region), now);
    due(tx, DeliveryCatchUp.KEY, now);
    due(tx, QueuedJobScan.KEY, now);
  }

  @Override
  public void read(String environment) {
    together.accept(environment);
  }

  /** What GitHub brought to nobody's door was perhaps meant for this one's. */
  @Override
  public void caughtUp(Tx tx, String environment, Optional<Instant> awaySince) {
    Instant now = clock.instant();
    awaySince.ifPresent(since -> {
      DeliveryCatchUp.missed(tx, since.minus(UNTOLD));
      due(tx, DeliveryCatchUp.MISSED, now);
    });
    due(tx, DeliveryCatchUp.KEY, now);
    due(tx, QueuedJobScan.KEY, now);
    JobStore.poolsWithDemand(tx).forEach(pool -> due(tx, RunnerKeys.pool(pool), now));
    fleet
        .get()
        .map(FleetSpec::pools)
        .orElse(List.of())
        .forEach(pool -> due(tx, RunnerKeys.pool(pool.name()), now));
  }

  @Override
  public void lost(String environment) {
    renew.accept(environment);
  }

  private void due(Tx tx, WorkKey key, Instant at) {
    queue.due(tx, key, at, Optional.empty());
  }
}
