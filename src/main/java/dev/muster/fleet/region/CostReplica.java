package dev.muster.fleet.region;

import dev.muster.fleet.cost.CostLedger;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.replication.Item;
import dev.muster.kernel.replication.Mirror;
import dev.muster.kernel.replication.ReplicatedKind;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** What was spent by day. */
public final class CostReplica implements ReplicatedKind {
  private static final Duration KEPT = Duration.ofDays(400);

  /** As often as costs are accounted for: sooner, two regions would keep each other at it. */
  private static final Duration TOGETHER = Duration.ofMinutes(15);

  private final WorkQueue queue;
  private final InstantSource clock;

  public CostReplica(WorkQueue queue, InstantSource clock) {
    this.queue = queue;
    this.clock = clock;
  }

  record Body(
      String day,
      String environment,
      String pool,
      String repository,
      String region,
      long microUsd,
      long estimatedMicroUsd,
      long unpricedSeconds) {
    CostLedger.Account account() {
      return new CostLedger.Account(LocalDate.parse(day), environment, pool, repository, region);
    }
  }

  @Override
  public String kind() {
    return CostLedger.KIND;
  }

  @Override
  public Optional<State> state(Read read, String environment, String name) {
    CostLedger.Account account = CostLedger.account(environment, name);
    return CostLedger.of(read, account)
        .map(sum ->
            new State(
                Bodies.write(
                    new Body(
                        account.day().toString(),
                        account.environment(),
                        account.pool(),
                        account.repository(),
                        account.region(),
                        sum.microUsd(),
                        sum.estimatedMicroUsd(),
                        sum.unpricedSeconds())),
                Optional.of(account.day().atStartOfDay(ZoneOffset.UTC).toInstant().plus(KEPT))));
  }

  @Override
  public List<String> names(Read read, String environment) {
    LocalDate yesterday = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).minusDays(1);
    return CostLedger.names(read, environment, yesterday);
  }

  /** Empty where it cannot be read, which was said when it came. */
  static Optional<Body> body(Mirror.Held held) {
    try {
      return Optional.of(Bodies.read(held.item().body(), Body.class));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** A budget counts what all regions spend. */
  @Override
  public void arrived(Tx tx, String environment, Item item) {
    Bodies.read(item.body(), Body.class);
    queue.due(tx, RunnerKeys.cost(), clock.instant().plus(TOGETHER), Optional.empty());
  }

  @Override
  public void restore(Tx tx, String environment, Item item) {
    Body body = Bodies.read(item.body(), Body.class);
    CostLedger.restore(
        tx,
        body.account(),
        new CostLedger.Sum("", body.microUsd(), body.estimatedMicroUsd(), body.unpricedSeconds()));
  }
}
