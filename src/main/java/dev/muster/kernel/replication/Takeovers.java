package dev.muster.kernel.replication;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rows of takeovers: which region this one stood in for, since when, why and until when. */
public final class Takeovers {
  private Takeovers() {}

  /**
   * A takeover.
   *
   * @param generation of the region when it fell silent
   * @param jobs how many were taken over so far
   * @param returnedAt empty while the region is silent
   */
  public record Takeover(
      String environment,
      String region,
      long generation,
      Instant at,
      String reason,
      int jobs,
      Optional<Instant> returnedAt) {}

  static void begin(Tx tx, String environment, String region, Lease.Taken taken, String reason) {
    tx.update(
        """
        merge into takeover (environment, region, generation, at, reason, jobs, returned_at)
        key (environment, region, generation) values (?, ?, ?, ?, ?, 0, null)
        """,
        environment,
        region,
        taken.generation(),
        taken.at(),
        reason);
  }

  static void end(Tx tx, String environment, String region, Instant now) {
    tx.update(
        """
        update takeover set returned_at = ?
        where environment = ? and region = ? and returned_at is null
        """,
        now,
        environment,
        region);
  }

  /** One more job was taken over. */
  public static void job(Tx tx, Takeover takeover) {
    tx.update(
        "update takeover set jobs = jobs + 1 where environment = ? and region = ? and generation = ?",
        takeover.environment(),
        takeover.region(),
        takeover.generation());
  }

  /** The one that lasts; empty where the region is not stood in for. */
  public static Optional<Takeover> open(Read read, String environment, String region) {
    return read.first(
        """
        select * from takeover where environment = ? and region = ? and returned_at is null
        order by generation desc limit 1
        """,
        Takeovers::takeover,
        environment,
        region);
  }

  /** Those that last, by region. */
  public static Map<String, Lease.Taken> open(Read read, String environment) {
    Map<String, Lease.Taken> open = new HashMap<>();
    read.all(
            "select * from takeover where environment = ? and returned_at is null",
            Takeovers::takeover,
            environment)
        .forEach(t -> open.put(t.region(), new Lease.Taken(t.generation(), t.at())));
    return open;
  }

  /** The newest. */
  public static List<Takeover> newest(Read read, int limit) {
    return read.all("select * from takeover order by at desc limit ?", Takeovers::takeover, limit);
  }

  /** Forgets up to {@code limit} that ended before {@code before}; returns how many. */
  public static int remove(Tx tx, Instant before, int limit) {
    return tx.update(
        "delete from takeover where returned_at < ? fetch first ? rows only", before, limit);
  }

  private static Takeover takeover(Row row) {
    return new Takeover(
        row.text("environment"),
        row.text("region"),
        row.number("generation"),
        row.instant("at"),
        row.text("reason"),
        row.integer("jobs"),
        Optional.ofNullable(row.instantOrNull("returned_at")));
  }
}
