package dev.muster.kernel.retention;

import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.SoleReconciler;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.TraceContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;

/**
 * Gives the room of what was removed back to the disk. Looks once an hour; sooner while there is
 * more than a few steps' worth. A burst of deliveries goes first.
 */
public final class CompactionReconciler implements SoleReconciler {
  public static final WorkKey KEY = new WorkKey("compaction", "database");

  /** How often it looks; a start has more urgent things to do. */
  public static final Duration INTERVAL = Duration.ofHours(1);

  private static final Logger log = System.getLogger(CompactionReconciler.class.getName());
  private static final int STEPS = 16;

  /** H2 keeps what was rewritten for 45 s, so that more steps at once would free nothing. */
  private static final Duration PAUSE = Duration.ofMinutes(5);

  private final Database database;
  private final Writer writer;

  public CompactionReconciler(Database database, Writer writer) {
    this.database = database;
    this.writer = writer;
  }

  @Override
  public WorkKey only() {
    return KEY;
  }

  @Override
  public Outcome reconcile(String key, Optional<TraceContext> trace) {
    long before = database.sizeOnDisk();
    boolean more = true;
    for (int step = 0; more && step < STEPS && !writer.pressed(); step++) {
      more = database.compact();
    }
    long after = database.sizeOnDisk();
    if (after < before) {
      log.log(
          Level.INFO,
          "The database file was compacted from {0} to {1} MiB",
          before >> 20,
          after >> 20);
    }
    return new Outcome.RequeueAfter(more ? PAUSE : INTERVAL);
  }
}
