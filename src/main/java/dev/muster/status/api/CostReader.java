package dev.muster.status.api;

import dev.muster.fleet.compute.ec2.OnDemandPrices;
import dev.muster.fleet.cost.CostLedger;
import dev.muster.fleet.cost.CostLedger.By;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Read;
import java.time.DateTimeException;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Reads what machines cost. */
public final class CostReader {
  private static final int MOST_DAYS = 400;

  private final Database database;
  private final InstantSource clock;

  public CostReader(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * The cost of some days.
   *
   * @param from an ISO date; the first of this month when it is not given
   * @param to an ISO date, not counted itself; tomorrow when it is not given
   * @throws dev.muster.kernel.http.HttpProblem 400 for what is no date, or no span of up to 400
   *     days
   */
  public CostView read(Optional<String> from, Optional<String> to) {
    return read(from, to, Optional.empty());
  }

  /** The same of one environment. */
  public CostView read(Optional<String> from, Optional<String> to, Optional<String> environment) {
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    LocalDate last = to.map(text -> date("to", text)).orElse(today.plusDays(1));
    LocalDate first =
        from.map(text -> date("from", text)).orElse(last.minusDays(1).withDayOfMonth(1));
    long days = ChronoUnit.DAYS.between(first, last);
    if (days < 1 || days > MOST_DAYS) {
      throw Slice.bad("to", last.toString(), "From and to are half-open, 1 to 400 days");
    }
    return database.read(read -> read(read, environment, first, last));
  }

  private static CostView read(Read read, Optional<String> of, LocalDate from, LocalDate to) {
    List<CostLedger.Sum> days = CostLedger.sums(read, By.DAY, of, from, to);
    return new CostView(
        from.toString(),
        to.toString(),
        "USD",
        CostView.dollars(days.stream().mapToLong(CostLedger.Sum::microUsd).sum()),
        CostView.dollars(days.stream().mapToLong(CostLedger.Sum::estimatedMicroUsd).sum()),
        CostView.hours(days.stream().mapToLong(CostLedger.Sum::unpricedSeconds).sum()),
        OnDemandPrices.asOf(),
        days.stream().map(CostView.Part::of).toList(),
        parts(read, By.ENVIRONMENT, of, from, to),
        parts(read, By.POOL, of, from, to),
        parts(read, By.REPOSITORY, of, from, to),
        parts(read, By.REGION, of, from, to));
  }

  private static List<CostView.Part> parts(
      Read read, By by, Optional<String> of, LocalDate from, LocalDate to) {
    return CostLedger.sums(read, by, of, from, to).stream().map(CostView.Part::of).toList();
  }

  private static LocalDate date(String name, String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException e) {
      throw Slice.bad(name, text, "Say a date as 2026-03-01");
    }
  }
}
