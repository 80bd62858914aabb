package dev.muster.fleet.job;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.util.Optional;

/** The rows of what is known about runs, so that GitHub is asked once for each. */
public final class RunOrigins {
  private RunOrigins() {}

  public static Optional<RunOrigin> find(Read read, RunRef run) {
    return read.first(
        "select head from run_origin where repository = ? and run_id = ?",
        row -> new RunOrigin(run, Optional.ofNullable(row.textOrNull("head"))),
        run.repository(),
        run.id());
  }

  /** Keeps what was learnt; what was learnt before stands. */
  static void remember(Tx tx, RunOrigin origin, Instant now) {
    if (find(tx, origin.run()).isEmpty()) {
      tx.update(
          "insert into run_origin (repository, run_id, head, learnt_at) values (?, ?, ?, ?)",
          origin.run().repository(),
          origin.run().id(),
          origin.head().orElse(null),
          now);
    }
  }

  /** Forgets up to {@code limit} runs that were learnt of before {@code before}. */
  public static int remove(Tx tx, Instant before, int limit) {
    return tx.update(
        """
        delete from run_origin where (repository, run_id) in (
          select repository, run_id from run_origin where learnt_at < ?
          order by learnt_at limit ?)
        """,
        before,
        limit);
  }
}
