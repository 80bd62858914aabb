package dev.muster.fleet.cost;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * What an environment has spent in a month, as it was last accounted for.
 *
 * @param month in UTC
 * @param microUsd millionths of a US dollar, up to {@code asOf}
 * @param hourlyMicroUsd what its machines that ran then cost in an hour
 * @param unpricedMachines those that ran then without a known price: missing in both sums
 */
public record EnvironmentSpend(
    String environment,
    YearMonth month,
    long microUsd,
    long hourlyMicroUsd,
    int unpricedMachines,
    Instant asOf) {
  /** The calendar month of an instant, in UTC, as AWS bills. */
  public static YearMonth monthOf(Instant at) {
    return YearMonth.from(at.atOffset(ZoneOffset.UTC));
  }

  /** When a month begins. */
  public static Instant startOf(YearMonth month) {
    return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  /**
   * What is spent at {@code now} of its month: what is accounted for, and since then what machines
   * cost that ran, taken to run on.
   *
   * @return millionths of a US dollar
   */
  public long at(Instant now) {
    YearMonth current = monthOf(now);
    boolean same = month.equals(current);
    Instant from = same ? asOf : startOf(current);
    long seconds = Math.max(0, Duration.between(from, now).toSeconds());
    long since = Math.round((double) hourlyMicroUsd * seconds / CostLedger.HOUR);
    return (same ? microUsd : 0) + since;
  }

  /** When it will have spent so much at this rate; empty where it never will. */
  Optional<Instant> reaches(long target) {
    if (hourlyMicroUsd <= 0) {
      return Optional.empty();
    }
    double seconds = (double) (target - microUsd) * CostLedger.HOUR / hourlyMicroUsd;
    return Optional.of(asOf.plusSeconds((long) Math.ceil(seconds)));
  }

  /** Empty where nothing was ever accounted for. */
  public static Optional<EnvironmentSpend> find(Read read, String environment) {
    return read.first(
        "select * from environment_spend where environment = ?", EnvironmentSpend::of, environment);
  }

  /** Of every environment that ever spent something, by name. */
  public static List<EnvironmentSpend> all(Read read) {
    return read.all("select * from environment_spend order by environment", EnvironmentSpend::of);
  }

  private static EnvironmentSpend of(Row row) {
    return new EnvironmentSpend(
        row.text("environment"),
        YearMonth.parse(row.text("spent_in")),
        row.number("micro_usd"),
        row.number("hourly_micro_usd"),
        Math.toIntExact(row.number("unpriced_machines")),
        row.instant("as_of"));
  }

  static void put(Tx tx, EnvironmentSpend spend) {
    tx.update(
        """
        merge into environment_spend (environment, spent_in, micro_usd, hourly_micro_usd,
          unpriced_machines, as_of) key (environment) values (?, ?, ?, ?, ?, ?)
        """,
        spend.environment(),
        spend.month().toString(),
        spend.microUsd(),
        spend.hourlyMicroUsd(),
        spend.unpricedMachines(),
        spend.asOf());
  }
}
