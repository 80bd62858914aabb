package dev.muster.status.page;

import dev.muster.status.api.CostView;
import dev.muster.status.api.EnvironmentList;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What machines cost in some days, by the day and by whom it was for. */
record CostPage(CostView cost, List<Table> tables, Table days, List<EnvironmentRow> environments) {
  private static final int MOST = 20;

  CostPage {
    tables = List.copyOf(tables);
    environments = List.copyOf(environments);
  }

  /** Parts of the sum; empty ones are not shown. */
  record Table(String title, List<Row> rows) {
    Table {
      rows = List.copyOf(rows);
    }

    boolean any() {
      return !rows.isEmpty();
    }
  }

  /**
   * One part.
   *
   * @param share of the largest, in per cent, for a bar
   */
  record Row(String name, String usd, int share) {}

  static CostPage of(CostView cost, EnvironmentList environments) {
    return new CostPage(
        cost,
        List.of(
            table("By pool", cost.pools()),
            table("By repository", cost.repositories()),
            table("By environment", cost.environments()),
            table("By region", cost.regions())),
        table("By day", cost.days().reversed()),
        EnvironmentRow.of(environments));
  }

  private static Table table(String title, List<CostView.Part> parts) {
    BigDecimal most =
        parts.stream().map(CostView.Part::usd).max(BigDecimal::compareTo).orElse(BigDecimal.ONE);
    int rows = title.equals("By day") ? parts.size() : Math.min(MOST, parts.size());
    return new Table(
        title,
        parts.subList(0, rows).stream()
            .map(part ->
                new Row(
                    part.name().isEmpty() ? "no job: booting and waiting" : part.name(),
                    usd(part.usd()),
                    share(part.usd(), most)))
            .toList());
  }

  private static int share(BigDecimal part, BigDecimal most) {
    return most.signum() == 0
        ? 0
        : part.multiply(BigDecimal.valueOf(100)).divide(most, 0, RoundingMode.CEILING).intValue();
  }

  private static String usd(BigDecimal amount) {
    return String.format(Locale.ROOT, "$%,.2f", amount);
  }

  boolean anyEnvironment() {
    return !environments.isEmpty();
  }

  /** The month that budgets are of. */
  String month() {
    return environments.getFirst().environment().month();
  }

  boolean any() {
    return days.any();
  }

  String total() {
    return usd(cost.total());
  }

  /** How much of it is estimated; null where nothing is. */
  @Nullable String estimated() {
    return cost.estimated().signum() == 0 ? null : usd(cost.estimated());
  }

  /** Hours that are missing in the sums; null where none are. */
  @Nullable String unpriced() {
    return cost.unpricedHours().signum() == 0 ? null : cost.unpricedHours().toPlainString();
  }
}
