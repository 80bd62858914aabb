package dev.muster.fleet.runner;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The ledger of every registration ever made at GitHub, so that none stays there as a ghost. */
public final class Registrations {
  private Registrations() {}

  /**
   * One that may still exist.
   *
   * @param githubId GitHub's number, absent where the answer never came
   */
  public record Open(
      String name, RunnerId runner, String scope, Optional<Long> githubId, Instant createdAt) {}

  /** Before GitHub is asked. */
  public static void intended(Tx tx, String name, RunnerId runner, String scope, Instant now) {
    tx.update(
        "merge into registration (name, runner, scope, created_at) key (name) values (?, ?, ?, ?)",
        name,
        runner.value(),
        scope,
        now);
  }

  public static void made(Tx tx, String name, String scope, long githubId) {
    tx.update(
        "update registration set github_id = ?, scope = ? where name = ?", githubId, scope, name);
  }

  public static void removed(Tx tx, String name, Instant now) {
    tx.update(
        "update registration set removed_at = ? where name = ? and removed_at is null", now, name);
  }

  /** How many were ever attempted for a runner. */
  public static int count(Read read, RunnerId runner) {
    return Math.toIntExact(
        read.count("select count(*) n from registration where runner = ?", runner.value()));
  }

  /**
   * One that was made, or may have been.
   *
   * @param scope where it lay, as {@code repos/acme/api} or {@code orgs/acme}
   */
  public record Made(String name, String scope) {}

  /** All that were ever made for a runner, the removed ones included. */
  public static List<Made> ever(Read read, RunnerId runner) {
    return read.all(
        "select name, scope from registration where runner = ?",
        row -> new Made(row.text("name"), row.text("scope")),
        runner.value());
  }

  /** Those of a runner that may still exist. */
  public static List<Open> openOf(Read read, RunnerId runner) {
    return read.all(
        "select * from registration where runner = ? and removed_at is null",
        Registrations::open,
        runner.value());
  }

  /**
   * Those that may still exist, made before {@code before}, and that no living runner goes by any
   * more: those of the others are seen to by them. The oldest first, from after {@code after} on.
   */
  static List<Open> loose(Read read, Instant before, Optional<Open> after, int limit) {
    Instant since = after.map(Open::createdAt).orElse(Instant.EPOCH);
    return read.all(
        """
        select * from registration where removed_at is null and created_at < ?
          and (created_at > ? or (created_at = ? and name > ?))
          and not exists (select 1 from runner where runner.id = registration.runner
            and runner.name = registration.name and runner.job is not null and %s)
        order by created_at, name limit ?
        """
            .formatted(RunnerStore.LIVING),
        Registrations::open,
        before,
        since,
        since,
        after.map(Open::name).orElse(""),
        limit);
  }

  private static Open open(Row row) {
    return new Open(
        row.text("name"),
        new RunnerId(row.text("runner")),
        row.text("scope"),
        Optional.ofNullable(row.numberOrNull("github_id")),
        row.instant("created_at"));
  }
}
