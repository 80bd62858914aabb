package dev.muster.fleet.compute;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rows of breakers. */
public final class BreakerStore {
  private BreakerStore() {}

  /** A breaker and what it is for. */
  public record Known(String provider, String region, Offer offer, Breaker breaker) {}

  /** Those of which anything is known, in a stable order. */
  public static List<Known> all(Read read) {
    return read.all(
        "select * from capacity_breaker order by provider, region, type, zone, spot",
        BreakerStore::known);
  }

  /** Those that are open, for the page. */
  public static List<Known> open(Read read) {
    return all(read).stream().filter(known -> known.breaker().openedAt().isPresent()).toList();
  }

  static List<Known> all(Read read, String provider, String region) {
    return read.all(
        "select * from capacity_breaker where provider = ? and region = ?",
        BreakerStore::known,
        provider,
        region);
  }

  static void store(Tx tx, Known known, Instant now) {
    tx.update(
        """
        merge into capacity_breaker
          (provider, region, type, zone, spot, opened_at, probed_at, interruptions, reason, changed_at)
        key (provider, region, type, zone, spot) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        known.provider(),
        known.region(),
        known.offer().type(),
        known.offer().zone(),
        known.offer().spot(),
        known.breaker().openedAt().orElse(null),
        known.breaker().probedAt().orElse(null),
        known.breaker().interruptions().stream()
            .map(Instant::toString)
            .collect(Collectors.joining(" ")),
        cut(known.breaker().reason()),
        now);
  }

  /** Forgets up to {@code limit} of which nothing was learnt since {@code before}. */
  public static int remove(Tx tx, Instant before, int limit) {
    return tx.update(
        "delete from capacity_breaker where changed_at < ? fetch first ? rows only", before, limit);
  }

  private static Known known(Row row) {
    return new Known(
        row.text("provider"),
        row.text("region"),
        new Offer(row.text("type"), row.text("zone"), row.flag("spot")),
        new Breaker(
            Optional.ofNullable(row.instantOrNull("opened_at")),
            Optional.ofNullable(row.instantOrNull("probed_at")),
            Stream.of(row.text("interruptions").split(" "))
                .filter(at -> !at.isEmpty())
                .map(Instant::parse)
                .toList(),
            row.text("reason")));
  }

  private static String cut(String text) {
    return text.length() <= 1_000 ? text : text.substring(0, 1_000);
  }
}
