package dev.muster.cli;

import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.backup.Backups;
import dev.muster.kernel.backup.Recovery;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.HomeLock;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.UnreadableDatabaseException;
import dev.muster.kernel.store.Writer;
import java.io.IOException;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.logging.Level;

/** The database of an appliance that does not run, held against one that would start meanwhile. */
record StoppedAppliance(HomeLock lock, Database database, Writer writer, AuditLog audit)
    implements AutoCloseable {
  /**
   * Opens it, and backs it up before where an earlier version wrote it; fails when there is none,
   * or when it does run.
   */
  static StoppedAppliance open(Home home, InstantSource clock) throws IOException {
    if (!Files.exists(Database.fileOf(home.data()))) {
      throw new Failure(
          Failure.UNREACHABLE,
          "There is no appliance in "
              + home.root()
              + "; start one with muster serve, or name its folder with --home");
    }
    HomeLock lock;
    try {
      lock = HomeLock.take(home);
    } catch (HomeLock.TakenException e) {
      throw new Failure(Failure.UNREACHABLE, e.getMessage() + "; it runs and does not answer");
    }
    // A migration says by the log where it put the backup before it; the libraries' part is no
    // news.
    Logging.configure(Level.INFO, false);
    boolean opened = false;
    try {
      Database database = new Recovery(home, new Backups(home, clock), clock).openWhole();
      AuditLog audit = new AuditLog(clock);
      Writer writer = new Writer(database, audit);
      writer.start();
      opened = true;
      return new StoppedAppliance(lock, database, writer, audit);
    } catch (UnreadableDatabaseException e) {
      throw new Failure(
          Failure.UNREACHABLE,
          e.getMessage() + "; muster serve restores the newest backup by itself");
    } finally {
      if (!opened) {
        lock.close();
      }
    }
  }

  @Override
  public void close() throws IOException {
    writer.close();
    database.close();
    lock.close();
  }
}
