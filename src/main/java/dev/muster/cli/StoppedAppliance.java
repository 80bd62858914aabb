package dev.muster.cli;

import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.HomeLock;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.UnreadableDatabaseException;
import dev.muster.kernel.store.Writer;
import java.io.IOException;
import java.nio.file.Files;
import java.time.InstantSource;

/** The database of an appliance that does not run, held against one that would start meanwhile. */
record StoppedAppliance(HomeLock lock, Database database, Writer writer, AuditLog audit)
    implements AutoCloseable {
  /** Opens it; fails when there is none, or when it does run. */
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
    try {
      Database database = Database.open(home.data(), existing -> {});
      AuditLog audit = new AuditLog(clock);
      Writer writer = new Writer(database, audit);
      writer.start();
      return new StoppedAppliance(lock, database, writer, audit);
    } catch (UnreadableDatabaseException e) {
      lock.close();
      throw new Failure(
          Failure.UNREACHABLE,
          e.getMessage() + "; muster serve restores the newest backup by itself");
    }
  }

  @Override
  public void close() throws IOException {
    writer.close();
    database.close();
    lock.close();
  }
}
