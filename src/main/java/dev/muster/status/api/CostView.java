package dev.muster.status.api;

import dev.muster.fleet.cost.CostLedger;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/**
 * What machines cost. Repositories have what their jobs had; under the empty name is what no job
 * had.
 *
 * @param from first day, in UTC
 * @param to first day that is not counted
 * @param total US dollars
 * @param estimated as much of it as is estimated
 * @param unpricedHours of machines whose price is not known, and that are missing in the sums
 * @param pricesAsOf the date of the bundled on-demand prices
 */
public record CostView(
    String from,
    String to,
    String currency,
    BigDecimal total,
    BigDecimal estimated,
    BigDecimal unpricedHours,
    String pricesAsOf,
    List<Part> days,
    List<Part> environments,
    List<Part> pools,
    List<Part> repositories,
    List<Part> regions) {
  public CostView {
    days = List.copyOf(days);
    environments = List.copyOf(environments);
    pools = List.copyOf(pools);
    repositories = List.copyOf(repositories);
    regions = List.copyOf(regions);
  }

  /**
   * A part of the whole.
   *
   * @param name a date, or the name of what it is for
   */
  public record Part(String name, BigDecimal usd) {
    static Part of(CostLedger.Sum sum) {
      return new Part(sum.name(), dollars(sum.microUsd()));
    }
  }

  static BigDecimal dollars(long micros) {
    return BigDecimal.valueOf(micros, 6).setScale(4, RoundingMode.HALF_UP);
  }

  static BigDecimal hours(long seconds) {
    return BigDecimal.valueOf(seconds).divide(BigDecimal.valueOf(3_600), 2, RoundingMode.HALF_UP);
  }
}
