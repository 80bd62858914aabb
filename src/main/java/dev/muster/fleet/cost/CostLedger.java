package dev.muster.fleet.cost;

import dev.muster.fleet.compute.HourlyPrice;
import dev.muster.fleet.job.JobId;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/** What was spent: by day, environment, pool, repository and region, and by job. */
public final class CostLedger {
  static final long HOUR = 3_600;

  /** The kind of its aggregates. */
  public static final String KIND = "cost";

  private static final String SEPARATOR = "|";

  private CostLedger() {}

  /**
   * Whose a cost is.
   *
   * @param day in UTC
   * @param repository empty for what no job had
   */
  public record Account(
      LocalDate day, String environment, String pool, String repository, String region) {
    /** What it is called within its environment: neither a region nor a pool has the separator. */
    String name() {
      return String.join(SEPARATOR, day.toString(), region, pool, repository);
    }
  }

  /**
   * A sum.
   *
   * @param microUsd millionths of a US dollar
   * @param estimatedMicroUsd as much of it as is estimated
   * @param unpricedSeconds of machines whose price is not known, and that are missing in the sum
   */
  public record Sum(String name, long microUsd, long estimatedMicroUsd, long unpricedSeconds) {}

  /** What a job cost so far. */
  public record JobCost(long microUsd, boolean estimated) {}

  /** How sums are made. */
  public enum By {
    DAY,
    ENVIRONMENT,
    POOL,
    REPOSITORY,
    REGION;

    private String column() {
      return this == DAY ? "spent_on" : name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** Adds some seconds of a machine. */
  static void add(Tx tx, Account account, long seconds, Optional<HourlyPrice> price) {
    long micros = price.map(p -> micros(p, seconds)).orElse(0L);
    long estimated = price.filter(HourlyPrice::estimated).isPresent() ? micros : 0;
    long unpriced = price.isPresent() ? 0 : seconds;
    tx.update(
        """
        merge into cost_day c
        using (values (cast(? as varchar), cast(? as varchar), cast(? as varchar), cast(? as varchar),
          cast(? as varchar), cast(? as bigint), cast(? as bigint), cast(? as bigint)))
          n (spent_on, environment, pool, repository, region, micro_usd, estimated_micro_usd, unpriced_seconds)
        on c.spent_on = n.spent_on and c.environment = n.environment and c.pool = n.pool
          and c.repository = n.repository and c.region = n.region
        when matched then update set micro_usd = c.micro_usd + n.micro_usd,
          estimated_micro_usd = c.estimated_micro_usd + n.estimated_micro_usd,
          unpriced_seconds = c.unpriced_seconds + n.unpriced_seconds
        when not matched then insert (spent_on, environment, pool, repository, region, micro_usd,
          estimated_micro_usd, unpriced_seconds) values (n.spent_on, n.environment, n.pool, n.repository,
          n.region, n.micro_usd, n.estimated_micro_usd, n.unpriced_seconds)
        """,
        account.day().toString(),
        account.environment(),
        account.pool(),
        account.repository(),
        account.region(),
        micros,
        estimated,
        unpriced);
    tx.changed(account.environment(), KIND, account.name());
  }

  /** Sets an account to what it was once. */
  public static void restore(Tx tx, Account account, Sum sum) {
    tx.update(
        """
        merge into cost_day (spent_on, environment, pool, repository, region, micro_usd,
          estimated_micro_usd, unpriced_seconds)
        key (spent_on, environment, pool, repository, region) values (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        account.day().toString(),
        account.environment(),
        account.pool(),
        account.repository(),
        account.region(),
        sum.microUsd(),
        sum.estimatedMicroUsd(),
        sum.unpricedSeconds());
  }

  /** The account of an environment that {@link Account#name} names. */
  public static Account account(String environment, String name) {
    String[] parts = name.split(java.util.regex.Pattern.quote(SEPARATOR), 4);
    return new Account(LocalDate.parse(parts[0]), environment, parts[2], parts[3], parts[1]);
  }

  /** The names of an environment's accounts since a day. */
  public static List<String> names(Read read, String environment, LocalDate since) {
    return read.all(
        "select * from cost_day where environment = ? and spent_on >= ?",
        row ->
            new Account(
                    LocalDate.parse(row.text("spent_on")),
                    environment,
                    row.text("pool"),
                    row.text("repository"),
                    row.text("region"))
                .name(),
        environment,
        since.toString());
  }

  /** What an account holds. */
  public static Optional<Sum> of(Read read, Account account) {
    return read.first(
        """
        select micro_usd, estimated_micro_usd, unpriced_seconds from cost_day
        where spent_on = ? and environment = ? and pool = ? and repository = ? and region = ?
        """,
        row ->
            new Sum(
                account.name(),
                row.number("micro_usd"),
                row.number("estimated_micro_usd"),
                row.number("unpriced_seconds")),
        account.day().toString(),
        account.environment(),
        account.pool(),
        account.repository(),
        account.region());
  }

  /** Adds some seconds of a machine to the job that had it. */
  static void add(Tx tx, JobId job, long seconds, HourlyPrice price, Instant now) {
    JobCost before = of(tx, job).orElse(new JobCost(0, false));
    tx.update(
        "merge into job_cost (job, micro_usd, estimated, changed_at) key (job) values (?, ?, ?, ?)",
        job.value(),
        before.microUsd() + micros(price, seconds),
        before.estimated() || price.estimated(),
        now);
  }

  private static long micros(HourlyPrice price, long seconds) {
    return Math.round((double) price.microUsd() * seconds / HOUR);
  }

  /** What a job cost so far; empty while nothing is accounted for. */
  public static Optional<JobCost> of(Read read, JobId job) {
    return read.first(
        "select micro_usd, estimated from job_cost where job = ?",
        row -> new JobCost(row.number("micro_usd"), row.flag("estimated")),
        job.value());
  }

  /**
   * Sums from the start of {@code from} to the start of {@code to}; days in their order, all else
   * the largest first.
   */
  public static List<Sum> sums(Read read, By by, LocalDate from, LocalDate to) {
    return sums(read, by, Optional.empty(), from, to);
  }

  /** The same of one environment. */
  public static List<Sum> sums(
      Read read, By by, Optional<String> environment, LocalDate from, LocalDate to) {
    String order = by == By.DAY ? "name" : "spent desc, name";
    return read.all(
        """
        select %s name, sum(micro_usd) spent, sum(estimated_micro_usd) estimated,
          sum(unpriced_seconds) unpriced
        from cost_day where spent_on >= ? and spent_on < ?
          and environment = coalesce(?, environment) group by name order by %s
        """
            .formatted(by.column(), order),
        row ->
            new Sum(
                row.text("name"),
                row.number("spent"),
                row.number("estimated"),
                row.number("unpriced")),
        from.toString(),
        to.toString(),
        environment.orElse(null));
  }

  /** Removes up to {@code limit} days' accounts from before {@code before}. */
  public static int remove(Tx tx, Instant before, int limit) {
    return tx.update(
        "delete from cost_day where spent_on < ? fetch first ? rows only",
        LocalDate.ofInstant(before, java.time.ZoneOffset.UTC).toString(),
        limit);
  }

  /** Removes up to {@code limit} jobs' costs that have not changed since {@code before}. */
  public static int removeJobs(Tx tx, Instant before, int limit) {
    return tx.update(
        "delete from job_cost where changed_at < ? fetch first ? rows only", before, limit);
  }
}
