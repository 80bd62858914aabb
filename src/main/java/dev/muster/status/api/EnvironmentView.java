package dev.muster.status.api;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An environment, and what it spends.
 *
 * @param repositories patterns of those that may ask for it
 * @param regions that it names; without any its pools choose
 * @param month in UTC, as {@code 2026-03}
 * @param spentUsd in that month, what runs and is not accounted for yet included
 * @param hourlyUsd what its machines cost an hour
 * @param unpricedMachines those that run without a known price: missing in both
 * @param asOf when usage was accounted for; null where there was none
 * @param configured whether the config in force has it
 * @param budget null where it has none
 */
public record EnvironmentView(
    String name,
    List<String> repositories,
    List<String> regions,
    List<String> pools,
    String month,
    BigDecimal spentUsd,
    BigDecimal hourlyUsd,
    int unpricedMachines,
    @Nullable Instant asOf,
    boolean configured,
    @Nullable BudgetView budget) {
  public EnvironmentView {
    repositories = List.copyOf(repositories);
    regions = List.copyOf(regions);
    pools = List.copyOf(pools);
  }

  /**
   * A month's budget.
   *
   * @param usedPercent of it, rounded down
   * @param held why it gets no new machines; null while it gets them
   * @param liftedBy who lets it launch beyond the budget this month; null where nobody does
   */
  public record BudgetView(
      int monthlyUsd,
      long usedPercent,
      List<Integer> alertAtPercent,
      @Nullable Integer holdAtPercent,
      @Nullable String held,
      @Nullable String liftedBy) {
    public BudgetView {
      alertAtPercent = List.copyOf(alertAtPercent);
    }
  }
}
