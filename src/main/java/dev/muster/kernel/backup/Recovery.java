package dev.muster.kernel.backup;

import dev.muster.kernel.home.FileTrees;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.UnreadableDatabaseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Opens the database, whatever state it is in: a damaged one is moved aside and the newest backup
 * that opens takes its place; where none does, the state begins anew. What was lost is fetched from
 * GitHub and the providers by the reconcilers.
 */
public final class Recovery {
  /** The matter under which a loss is raised. */
  public static final String NOTICE = "database";

  private static final Duration LONGEST_JOB = Duration.ofHours(6);

  private final Home home;
  private final Backups backups;
  private final InstantSource clock;

  public Recovery(Home home, Backups backups, InstantSource clock) {
    this.home = home;
    this.backups = backups;
    this.clock = clock;
  }

  /**
   * An open database.
   *
   * @param loss what was lost, in words for people; empty when nothing was
   */
  public record Opened(Database database, Optional<String> loss) implements AutoCloseable {
    @Override
    public void close() {
      database.close();
    }
  }

  /**
   * From when on machines that no record accounts for may be ended: after a loss their records may
   * be what was lost, so that they get the time of the longest job.
   */
  public static Instant reapingFrom(Database database) {
    return database.read(Notices::all).stream()
        .filter(notice -> notice.id().equals(NOTICE))
        .map(notice -> notice.at().plus(LONGEST_JOB))
        .findFirst()
        .orElse(Instant.EPOCH);
  }

  /** Says a loss at the top of the status page until somebody settles it. */
  public static void say(Tx tx, String loss, Instant now) {
    Notices.raise(tx, new Notices.Notice(NOTICE, Notices.Severity.ERROR, now, loss));
  }

  public Opened open() throws IOException {
    try {
      return new Opened(Database.open(home.data(), this::beforeMigration), Optional.empty());
    } catch (UnreadableDatabaseException e) {
      Path aside = moveAside();
      log().log(Level.ERROR, "The database cannot be opened and was moved to " + aside, e);
      return restored(aside);
    }
  }

  private Opened restored(Path aside) throws IOException {
    for (Path backup : backups.newestFirst()) {
      try {
        extractDatabase(backup);
        Database database = Database.open(home.data(), this::beforeMigration);
        return opened(
            database,
            "The database could not be opened and was moved to %s. The backup %s was restored; what GitHub and the runners still know of the time since is fetched again, the rest of it is lost."
                .formatted(aside, backup.getFileName()));
      } catch (IOException | UnreadableDatabaseException e) {
        log().log(Level.ERROR, "The backup " + backup + " cannot be used", e);
        Files.deleteIfExists(Database.fileOf(home.data()));
      }
    }
    return opened(
        Database.open(home.data(), this::beforeMigration),
        "The database could not be opened and was moved to %s. No backup could be restored: the state begins anew from the config, GitHub and the runners."
            .formatted(aside));
  }

  private static Opened opened(Database database, String loss) {
    log().log(Level.ERROR, loss);
    return new Opened(database, Optional.of(loss));
  }

  /** The config repository beside the damaged database is whole and newer: it stays. */
  private void extractDatabase(Path backup) throws IOException {
    Path folder = Files.createTempDirectory(home.root(), "restore-");
    Home elsewhere = new Home(folder);
    try {
      BackupArchive.extract(backup, elsewhere);
      Files.move(
          Database.fileOf(elsewhere.data()),
          Database.fileOf(home.data()),
          StandardCopyOption.REPLACE_EXISTING);
      if (!Files.isDirectory(home.configRepository())
          && Files.isDirectory(elsewhere.configRepository())) {
        Files.move(elsewhere.configRepository(), home.configRepository());
      }
    } finally {
      FileTrees.delete(folder);
    }
  }

  private Path moveAside() throws IOException {
    Path file = Database.fileOf(home.data());
    Path aside =
        file.resolveSibling(file.getFileName() + ".damaged-" + clock.instant().toEpochMilli());
    Files.move(file, aside);
    return aside;
  }

  /** No constant: a database that is well opens beside the search for who takes the log. */
  private static Logger log() {
    return System.getLogger(Recovery.class.getName());
  }

  private void beforeMigration(Database database) {
    try {
      Path backup = backups.make(database);
      log().log(Level.INFO, "Backed up to {0} before the database is migrated", backup);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The backup before the migration failed, so that nothing is migrated; check the disk under "
              + home.root(),
          e);
    }
  }
}
