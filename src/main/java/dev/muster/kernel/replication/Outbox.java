package dev.muster.kernel.replication;

import dev.muster.kernel.store.Change;
import dev.muster.kernel.store.ChangeSink;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The rows of aggregates that changed and are not in the shared table yet. An aggregate that
 * changes again before it is written stays one row.
 */
public final class Outbox implements ChangeSink {
  private final InstantSource clock;
  private final Map<String, Runnable> environments = new ConcurrentHashMap<>();

  public Outbox(InstantSource clock) {
    this.clock = clock;
  }

  /** From now on an environment's changes are kept, and {@code signal} runs after each commit. */
  void open(String environment, Runnable signal) {
    environments.put(environment, signal);
  }

  /** From now on they are not. */
  void close(String environment) {
    environments.remove(environment);
  }

  @Override
  public void keep(Tx tx, Collection<Change> changes) {
    if (environments.isEmpty()) {
      return;
    }
    Instant now = clock.instant();
    Set<Change> wanted = new LinkedHashSet<>(changes);
    wanted.removeIf(change -> !environments.containsKey(change.environment()));
    tx.updateEach(
        """
        merge into outbox (environment, kind, name, version, changed_at)
        key (environment, kind, name) values (?, ?, ?, next value for replication_version, ?)
        """,
        wanted.stream()
            .map(change ->
                new @Nullable Object[] {change.environment(), change.kind(), change.name(), now})
            .toList());
    wanted.stream()
        .map(Change::environment)
        .distinct()
        .forEach(environment ->
            Optional.ofNullable(environments.get(environment)).ifPresent(tx::afterCommit));
  }

  /** A row. */
  record Pending(String kind, String name, long version, Instant changedAt) {}

  /** The rows that wait longest. */
  static List<Pending> pending(Read read, String environment, int limit) {
    return read.all(
        "select * from outbox where environment = ? order by version limit ?",
        row ->
            new Pending(
                row.text("kind"),
                row.text("name"),
                row.number("version"),
                row.instant("changed_at")),
        environment,
        limit);
  }

  /** Removes rows, but for those that changed meanwhile. */
  static void settle(Tx tx, String environment, List<Pending> written) {
    tx.updateEach(
        "delete from outbox where environment = ? and kind = ? and name = ? and version = ?",
        written.stream()
            .map(p -> new @Nullable Object[] {environment, p.kind(), p.name(), p.version()})
            .toList());
  }

  /**
   * What waits to be written.
   *
   * @param oldest when the one that waits longest changed
   */
  public record Backlog(long count, Optional<Instant> oldest) {}

  public static Backlog backlog(Read read, String environment) {
    return read.first(
            "select count(*) n, min(changed_at) oldest from outbox where environment = ?",
            row -> new Backlog(row.number("n"), Optional.ofNullable(row.instantOrNull("oldest"))),
            environment)
        .orElseThrow();
  }
}
