package dev.muster.kernel.notice;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The rows of notices, one per matter. */
public final class Notices {
  private Notices() {}

  /** How much it matters. */
  public enum Severity {
    ERROR,
    WARNING
  }

  /**
   * One matter.
   *
   * @param id of the matter, so that it is raised once and settled by whoever raised it
   */
  public record Notice(String id, Severity severity, Instant at, String message) {}

  /** Raises a matter, or says anew what it is about. */
  public static void raise(Tx tx, Notice notice) {
    tx.update(
        "merge into notice (id, severity, at, message) key (id) values (?, ?, ?, ?)",
        notice.id(),
        notice.severity(),
        notice.at(),
        notice.message().length() <= 2_000
            ? notice.message()
            : notice.message().substring(0, 2_000));
  }

  /** Settles a matter; false where it had not been raised. */
  public static boolean settle(Tx tx, String id) {
    return tx.update("delete from notice where id = ?", id) > 0;
  }

  /** What is raised, the gravest and newest first. */
  public static List<Notice> all(Read read) {
    return read.all("select * from notice order by severity, at desc", Notices::notice);
  }

  /** A matter, where it is raised. */
  public static Optional<Notice> find(Read read, String id) {
    return read.first("select * from notice where id = ?", Notices::notice, id);
  }

  private static Notice notice(Row row) {
    return new Notice(
        row.text("id"),
        Severity.valueOf(row.text("severity")),
        row.instant("at"),
        row.text("message"));
  }
}
