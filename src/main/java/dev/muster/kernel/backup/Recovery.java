package dev.muster.kernel.backup;

import dev.muster.kernel.home.FileTrees;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.MigrationFailedException;
import dev.muster.kernel.store.NewerDatabaseException;
import dev.muster.kernel.store.StoreUnavailableException;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.UnreadableDatabaseException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
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

  /**
   * Opens the database, or what can be had in its place.
   *
   * @throws NewerDatabaseException when a newer version wrote it
   * @throws MigrationFailedException when it is whole and cannot be migrated; it is as it was
   */
  public Opened open() throws IOException {
    try {
      return new Opened(openWhole(), Optional.empty());
    } catch (UnreadableDatabaseException e) {
      log().log(Level.ERROR, "The database cannot be opened; a backup is to take its place", e);
      return replaced();
    }
  }

  /**
   * Opens the database after a backup where it is to be migrated; one that is damaged is left
   * alone.
   *
   * @throws UnreadableDatabaseException when it cannot be opened
   */
  public Database openWhole() {
    List<Path> made = new ArrayList<>();
    try {
      return Database.open(home.data(), existing -> made.add(beforeMigration(existing)));
    } catch (MigrationFailedException e) {
      throw new MigrationFailedException(
          e.getMessage() + ". A backup of it as it was is " + made.getLast(), e.reason(), e);
    }
  }

  /**
   * Puts the newest backup that opens in the place of the damaged file. That one is moved when the
   * other is ready: whatever ends the start before, the next one begins where this one did.
   */
  private Opened replaced() throws IOException {
    Home elsewhere = new Home(home.root().resolve("restore"));
    try {
      List<String> newer = new ArrayList<>();
      Optional<Path> backup = restoreNewest(elsewhere, newer);
      Path aside = moveAside();
      String loss = "The database could not be opened and was moved to " + aside + ". ";
      if (backup.isPresent()) {
        takePlace(elsewhere);
        loss +=
            "The backup %s was restored; what GitHub and the runners still know of the time since is fetched again, the rest of it is lost."
                .formatted(backup.get().getFileName());
      } else {
        loss +=
            "No backup could be restored: the state begins anew from the config, GitHub and the runners.";
      }
      if (!newer.isEmpty()) {
        loss += " Passed over as of a newer version: " + String.join(", ", newer) + ".";
      }
      Database database = Database.open(home.data(), restored -> {});
      log().log(Level.ERROR, loss);
      return new Opened(database, Optional.of(loss));
    } finally {
      FileTrees.delete(elsewhere.root());
    }
  }

  /**
   * Extracts and migrates the newest backup that can be, and be read whole, beside the damaged
   * database. Makes no backup: copies of old ones would drive out those that were not tried yet.
   *
   * @param newer is told the names of those that only a newer version reads
   */
  private Optional<Path> restoreNewest(Home elsewhere, List<String> newer) throws IOException {
    for (Path backup : backups.newestFirst()) {
      FileTrees.delete(elsewhere.root());
      elsewhere.create();
      try {
        BackupArchive.extract(backup, elsewhere);
        try (Database candidate = Database.open(elsewhere.data(), restored -> {})) {
          candidate.readAll(); // a backup of a damaged file has the damage too
        }
        return Optional.of(backup);
      } catch (BackupArchive.UnusableException | UnreadableDatabaseException e) {
        log().log(Level.ERROR, "The backup " + backup + " cannot be used", e);
      } catch (NewerDatabaseException e) {
        log().log(Level.WARNING, "The backup " + backup + " is of a newer version: passed over");
        newer.add(String.valueOf(backup.getFileName()));
      } catch (MigrationFailedException e) {
        throw new MigrationFailedException(
            "The database %s cannot be opened, and the backup that should take its place, %s, cannot be migrated (%s); nothing was changed: run the version of Muster that wrote it, which restores it by itself, and report this"
                .formatted(Database.fileOf(home.data()), backup, e.reason()),
            e.reason(),
            e);
      }
    }
    return Optional.empty();
  }

  /** The config repository beside the damaged database is whole and newer: it stays. */
  private void takePlace(Home elsewhere) throws IOException {
    Files.move(Database.fileOf(elsewhere.data()), Database.fileOf(home.data()));
    if (!Files.isDirectory(home.configRepository())
        && Files.isDirectory(elsewhere.configRepository())) {
      Files.move(elsewhere.configRepository(), home.configRepository());
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

  private Path beforeMigration(Database database) {
    try {
      Path backup = backups.makeBefore(database, Database.NEWEST);
      log().log(Level.INFO, "Backed up to {0} before the database is migrated", backup);
      return backup;
    } catch (IOException e) {
      throw new StoreUnavailableException(
          "The backup before the migration failed (%s), so that nothing is migrated; check the disk under %s"
              .formatted(e, home.root()),
          e);
    }
  }
}
