package dev.muster;

import dev.muster.config.CoreSpec;
import dev.muster.config.CoreSpec.Retention;
import dev.muster.fleet.acceptance.AcceptanceStore;
import dev.muster.fleet.compute.BreakerStore;
import dev.muster.fleet.compute.ec2.Ec2Records;
import dev.muster.fleet.cost.CostLedger;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.RerunIntents;
import dev.muster.fleet.job.RunOrigins;
import dev.muster.fleet.pool.PoolDecisions;
import dev.muster.fleet.runner.LaunchStore;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.replication.Mirror;
import dev.muster.kernel.replication.Sent;
import dev.muster.kernel.replication.Takeovers;
import dev.muster.kernel.retention.Expiry;
import dev.muster.webhook.DeliveryStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** What is kept for how long: part of the composition, as every capability has rows. */
final class Retentions {
  /** A shortage of yesterday says nothing of today. */
  private static final Duration OF_USE = Duration.ofDays(1);

  private final Supplier<Optional<CoreSpec>> core;

  Retentions(Supplier<Optional<CoreSpec>> core) {
    this.core = core;
  }

  /** Deliveries go with the links of the audit that cover them. */
  List<Expiry> expiries(DeliveryStore deliveries) {
    return List.of(
        new Expiry("payloads", keep(Retention::deliveries), DeliveryStore::forgetPayloads),
        new Expiry("jobs", keep(Retention::jobs), JobStore::remove),
        new Expiry("origins of runs", keep(Retention::jobs), RunOrigins::remove),
        new Expiry("reruns", keep(Retention::jobs), RerunIntents::remove),
        new Expiry("acceptances", keep(Retention::jobs), AcceptanceStore::remove),
        new Expiry("runners", keep(Retention::jobs), RunnerStore::remove),
        new Expiry("launches", keep(Retention::jobs), LaunchStore::remove),
        new Expiry("requests to EC2", keep(Retention::jobs), Ec2Records::remove),
        new Expiry("capacity breakers", () -> OF_USE, BreakerStore::remove),
        new Expiry("what other regions told", () -> Duration.ZERO, Mirror::remove),
        new Expiry("what was told to other regions", () -> Duration.ZERO, Sent::remove),
        new Expiry("takeovers", keep(Retention::jobs), Takeovers::remove),
        new Expiry("costs by day", keep(Retention::audit), CostLedger::remove),
        new Expiry("costs of jobs", keep(Retention::jobs), CostLedger::removeJobs),
        new Expiry("pool decisions", keep(Retention::jobs), PoolDecisions::remove),
        new Expiry(
            "audited rows",
            keep(Retention::audit),
            (tx, before, limit) -> AuditLog.prune(tx, before, limit, List.of(deliveries))));
  }

  private Supplier<Duration> keep(Function<Retention, Duration> part) {
    return () -> part.apply(core.get().map(CoreSpec::retention).orElse(Retention.STANDARD));
  }
}
