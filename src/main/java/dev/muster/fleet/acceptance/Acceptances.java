package dev.muster.fleet.acceptance;

import dev.muster.fleet.acceptance.AcceptanceWorkflow.Lookup;
import dev.muster.fleet.acceptance.AcceptanceWorkflow.Place;
import dev.muster.fleet.compute.Compute;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.kernel.audit.Actor;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Writer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Begins acceptances, one at a time, and shows them. */
public final class Acceptances {
  private final Database database;
  private final Writer writer;
  private final WorkQueue queue;
  private final AuditLog audit;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Supplier<Optional<FleetSpec>> fleet;
  private final Compute compute;
  private final AcceptanceWorkflow workflow;

  public Acceptances(
      Database database,
      Writer writer,
      WorkQueue queue,
      AuditLog audit,
      InstantSource clock,
      RandomGenerator random,
      Supplier<Optional<FleetSpec>> fleet,
      Compute compute,
      AcceptanceWorkflow workflow) {
    this.database = database;
    this.writer = writer;
    this.queue = queue;
    this.audit = audit;
    this.clock = clock;
    this.random = random;
    this.fleet = fleet;
    this.compute = compute;
    this.workflow = workflow;
  }

  /**
   * Looks what an acceptance would do; asks GitHub for its workflow, and makes nothing.
   *
   * @param repository {@code owner/name}
   * @param pool by its name; empty for the first of EC2 with this operating system
   */
  public AcceptancePlan plan(String repository, Os os, Optional<String> pool) {
    List<PoolSpec> pools = fleet.get().map(FleetSpec::pools).orElse(List.of());
    Optional<PoolSpec> chosen =
        pools.stream()
            .filter(p -> pool.map(p.name()::equals).orElse(p.runner().provider() == Provider.EC2))
            .filter(p -> p.runner().os() == os)
            .findFirst();
    if (chosen.isEmpty()) {
      return new AcceptancePlan.Impossible(
          pool.map(name ->
                  "The config in force has no pool %s with %s runners; name another with --pool, or give it --os"
                      .formatted(name, os.word()))
              .orElseGet(() ->
                  "The config in force has no pool of EC2 with %s runners; add one, or name another provider's with --pool"
                      .formatted(os.word())));
    }
    PoolSpec spec = chosen.get();
    return switch (workflow.find(repository)) {
      case Lookup.Missing(String reason) -> new AcceptancePlan.Impossible(reason);
      case Lookup.Found(Place place) ->
          served(spec, place.repository())
              ? AcceptancePlan.Possible.of(
                  begin(place, spec),
                  spec,
                  compute
                      .provider(spec.runner().provider().word())
                      .price(spec.region(), spec.runner()))
              : new AcceptancePlan.Impossible(
                  "Environment %s of pool %s does not serve %s; add it to its repositories"
                      .formatted(spec.environment(), spec.name(), place.repository()));
    };
  }

  private boolean served(PoolSpec pool, String repository) {
    return fleet
        .get()
        .flatMap(spec -> spec.environment(pool.environment()))
        .map(environment -> environment.serves(repository))
        .orElse(false);
  }

  private Acceptance begin(Place place, PoolSpec pool) {
    return Acceptance.begin(
        AcceptanceId.random(random), place, pool.name(), pool.runner().os(), clock.instant());
  }

  /** What became of beginning one. */
  public sealed interface Begun {
    /** It runs from now on, whoever watches. */
    record Yes(Acceptance acceptance) implements Begun {}

    /** Another has not ended. */
    record Another(AcceptanceId running) implements Begun {}
  }

  /** Begins an acceptance as it was planned. */
  public Begun begin(Actor who, AcceptancePlan.Possible plan) {
    Acceptance made = begin(plan.place(), plan.pool());
    Instant now = made.createdAt();
    return writer.write(
        Priority.ACKNOWLEDGE,
        tx -> {
          Optional<AcceptanceId> open = AcceptanceStore.open(tx);
          if (open.isPresent()) {
            return new Begun.Another(open.get());
          }
          AcceptanceStore.add(tx, made);
          audit.add(
              tx,
              who,
              "acceptance.begun",
              made.id().value(),
              "pool %s with %s".formatted(made.pool(), made.place().repository()));
          queue.due(tx, AcceptanceReconciler.key(made.id()), now, Optional.empty());
          return new Begun.Yes(made);
        });
  }

  public Optional<Acceptance> find(AcceptanceId id) {
    return database.read(read -> AcceptanceStore.find(read, id));
  }
}
