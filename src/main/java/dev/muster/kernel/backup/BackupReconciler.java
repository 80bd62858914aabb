package dev.muster.kernel.backup;

import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.SoleReconciler;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Facts;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.TraceContext;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** Makes a backup every hour in which something was recorded. */
public final class BackupReconciler implements SoleReconciler {
  public static final WorkKey KEY = new WorkKey("backup", "hourly");

  private static final Logger log = System.getLogger(BackupReconciler.class.getName());
  private static final Duration INTERVAL = Duration.ofHours(1);
  private static final String MARK = "backup.mark";
  private static final String NOTICE = "backup";

  private final Database database;
  private final Writer writer;
  private final InstantSource clock;
  private final Backups backups;

  public BackupReconciler(Database database, Writer writer, InstantSource clock, Backups backups) {
    this.database = database;
    this.writer = writer;
    this.clock = clock;
    this.backups = backups;
  }

  @Override
  public WorkKey only() {
    return KEY;
  }

  @Override
  public Outcome reconcile(String key, Optional<TraceContext> trace) {
    String mark = database.read(BackupReconciler::mark);
    if (database.read(read -> Facts.get(read, MARK)).equals(Optional.of(mark))) {
      return new Outcome.RequeueAfter(INTERVAL);
    }
    try {
      backups.make(database);
      writer.run(Priority.HOUSEKEEPING, tx -> succeeded(tx, mark));
    } catch (IOException | RuntimeException e) {
      log.log(Level.ERROR, "The hourly backup failed; it is tried again in an hour", e);
      writer.run(Priority.HOUSEKEEPING, tx -> failed(tx, e));
    }
    return new Outcome.RequeueAfter(INTERVAL);
  }

  private static void succeeded(Tx tx, String mark) {
    Facts.put(tx, MARK, mark);
    Notices.settle(tx, NOTICE);
  }

  private void failed(Tx tx, Exception e) {
    Notices.raise(
        tx,
        new Notices.Notice(
            NOTICE,
            Notices.Severity.WARNING,
            clock.instant(),
            "The hourly backup failed: " + e.getMessage() + "; check the disk under home"));
  }

  /** Differs when anything was recorded; what keeps its own clock going does not count. */
  private static String mark(Read read) {
    return String.join(
        ".",
        newest(read, "select max(sequence) n from audit_entry"),
        newest(read, "select max(id) n from delivery"),
        newest(read, "select max(sequence) n from job_event"),
        newest(read, "select max(sequence) n from runner_event"));
  }

  private static String newest(Read read, String sql) {
    return read.first(sql, row -> String.valueOf(row.numberOrNull("n"))).orElse("");
  }
}
