package dev.muster.status.api;

import dev.muster.fleet.cost.BudgetHold;
import dev.muster.fleet.cost.EnvironmentSpend;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Read;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads environments with what they spend against their budgets. */
public final class EnvironmentReader {
  private final Database database;
  private final Supplier<Optional<FleetSpec>> fleet;
  private final InstantSource clock;

  public EnvironmentReader(
      Database database, Supplier<Optional<FleetSpec>> fleet, InstantSource clock) {
    this.database = database;
    this.fleet = fleet;
    this.clock = clock;
  }

  public EnvironmentList list(Optional<String> only) {
    Optional<FleetSpec> config = fleet.get();
    Instant now = clock.instant();
    return new EnvironmentList(
        database.read(read -> {
          Set<String> names = new TreeSet<>();
          config.map(FleetSpec::environments).ifPresent(all -> names.addAll(all.keySet()));
          EnvironmentSpend.all(read).stream()
              .filter(spend -> spend.at(now) > 0)
              .forEach(spend -> names.add(spend.environment()));
          return names.stream()
              .filter(name -> only.map(name::equals).orElse(true))
              .map(name -> view(read, config, name, now))
              .toList();
        }));
  }

  private static EnvironmentView view(
      Read read, Optional<FleetSpec> config, String name, Instant now) {
    Optional<EnvironmentSpec> spec = config.flatMap(c -> c.environment(name));
    Optional<EnvironmentSpend> spend = EnvironmentSpend.find(read, name);
    long spent = spend.map(s -> s.at(now)).orElse(0L);
    return new EnvironmentView(
        name,
        spec.map(EnvironmentSpec::repositories).orElse(List.of()),
        spec.map(s -> s.regions().keySet().stream().sorted().toList()).orElse(List.of()),
        config.map(FleetSpec::pools).orElse(List.of()).stream()
            .filter(pool -> pool.environment().equals(name))
            .map(PoolSpec::name)
            .toList(),
        EnvironmentSpend.monthOf(now).toString(),
        CostView.dollars(spent),
        CostView.dollars(spend.map(EnvironmentSpend::hourlyMicroUsd).orElse(0L)),
        spend.map(EnvironmentSpend::unpricedMachines).orElse(0),
        spend.map(EnvironmentSpend::asOf).orElse(null),
        spec.isPresent(),
        spec.map(s -> budget(read, s, spent, now)).orElse(null));
  }

  private static EnvironmentView.@Nullable BudgetView budget(
      Read read, EnvironmentSpec spec, long spent, Instant now) {
    return spec.budget()
        .map(budget ->
            new EnvironmentView.BudgetView(
                budget.monthlyUsd(),
                spent / budget.microUsd(1),
                budget.alertAtPercent(),
                budget.holdAtPercent().isPresent() ? budget.holdAtPercent().getAsInt() : null,
                BudgetHold.of(read, spec, now).map(BudgetHold::words).orElse(null),
                BudgetHold.lift(read, spec.name(), now).map(BudgetHold.Lift::actor).orElse(null)))
        .orElse(null);
  }
}
