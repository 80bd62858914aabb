package dev.muster.fleet.pool;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Where people stopped new launches. */
public final class Pauses {
  private Pauses() {}

  /** What a pause covers. */
  public enum Scope {
    ALL,
    ENVIRONMENT,
    POOL;

    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * One pause.
   *
   * @param name of the environment or pool; empty for all
   * @param actor who did it
   */
  public record Pause(Scope scope, String name, Instant at, String actor) {
    /** As {@code paused by ana since 2026-01-02T03:04:05Z (pool default)}. */
    public String words() {
      String where = scope == Scope.ALL ? "everywhere" : scope.word() + " " + name;
      return "paused by %s since %s (%s)".formatted(actor, at, where);
    }

    /** Whether it holds a pool of an environment back. */
    public boolean covers(String pool, String environment) {
      return switch (scope) {
        case ALL -> true;
        case ENVIRONMENT -> name.equals(environment);
        case POOL -> name.equals(pool);
      };
    }
  }

  public static List<Pause> all(Read read) {
    return read.all(
        "select * from pause order by at",
        row ->
            new Pause(
                Scope.valueOf(row.text("kind")),
                row.text("name"),
                row.instant("at"),
                row.text("actor")));
  }

  /** The pause that holds a pool back, if any does. */
  public static Optional<Pause> holding(Read read, String pool, String environment) {
    return all(read).stream().filter(pause -> pause.covers(pool, environment)).findFirst();
  }

  public static void pause(Tx tx, Pause pause) {
    tx.update(
        "merge into pause (kind, name, at, actor) key (kind, name) values (?, ?, ?, ?)",
        pause.scope(),
        pause.name(),
        pause.at(),
        pause.actor());
  }

  /** Ends a pause; false where there was none. */
  public static boolean resume(Tx tx, Scope scope, String name) {
    return tx.update("delete from pause where kind = ? and name = ?", scope, name) > 0;
  }
}
