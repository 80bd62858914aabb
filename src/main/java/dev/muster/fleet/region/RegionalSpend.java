package dev.muster.fleet.region;

import dev.muster.fleet.cost.CostLedger;
import dev.muster.fleet.cost.SpentElsewhere;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.kernel.replication.Mirror;
import dev.muster.kernel.store.Read;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The costs that other regions told. */
public final class RegionalSpend implements SpentElsewhere {
  private static final int PAGE = 1_000;

  private final Supplier<Optional<FleetSpec>> fleet;

  public RegionalSpend(Supplier<Optional<FleetSpec>> fleet) {
    this.fleet = fleet;
  }

  @Override
  public Map<String, Long> in(Read read, YearMonth month) {
    Map<String, Long> spent = new TreeMap<>();
    Set<String> environments =
        fleet.get().map(config -> config.environments().keySet()).orElse(Set.of());
    for (String environment : environments) {
      for (String writer : Mirror.writers(read, environment)) {
        spent.merge(environment, of(read, environment, writer, month), Long::sum);
      }
    }
    return spent;
  }

  /** The names of accounts begin with their day. */
  private static long of(Read read, String environment, String writer, YearMonth month) {
    String until = month.plusMonths(1).toString();
    String after = month.toString();
    long microUsd = 0;
    List<Mirror.Held> page;
    do {
      page = Mirror.ofWriter(read, environment, writer, CostLedger.KIND, after, PAGE);
      for (Mirror.Held held : page) {
        after = held.item().key().name();
        if (after.compareTo(until) >= 0) {
          return microUsd;
        }
        microUsd += CostReplica.body(held).map(CostReplica.Body::microUsd).orElse(0L);
      }
    } while (page.size() == PAGE);
    return microUsd;
  }
}
