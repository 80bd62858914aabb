package dev.muster.fleet.runner;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.util.Optional;

/** The rows of what is known about machines that are taken away. */
public final class Interruptions {
  private Interruptions() {}

  /**
   * A runner's machine is taken away.
   *
   * @param at when that was said first
   */
  public record Interruption(Instant at, String reason) {}

  public static Optional<Interruption> of(Read read, RunnerId id) {
    return read.first(
        "select at, reason from interruption where runner = ?",
        row -> new Interruption(row.instant("at"), row.text("reason")),
        id.value());
  }

  /** Notes it; false where it was noted before. */
  static boolean note(Tx tx, RunnerId id, Interruption interruption) {
    if (of(tx, id).isPresent()) {
      return false;
    }
    String reason = interruption.reason();
    tx.update(
        "insert into interruption (runner, at, reason) values (?, ?, ?)",
        id.value(),
        interruption.at(),
        reason.length() <= 1_000 ? reason : reason.substring(0, 1_000));
    return true;
  }
}
