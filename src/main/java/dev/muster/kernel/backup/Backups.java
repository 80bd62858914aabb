package dev.muster.kernel.backup;

import dev.muster.kernel.home.Home;
import dev.muster.kernel.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;

/** The automatic backups under home, of which the newest are kept. */
public final class Backups {
  /** A day's worth at one an hour. */
  static final int KEPT = 24;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final Home home;
  private final InstantSource clock;

  public Backups(Home home, InstantSource clock) {
    this.home = home;
    this.clock = clock;
  }

  /** Makes a backup and removes the oldest beyond those that are kept. */
  public Path make(Database database) throws IOException {
    return make(database, "");
  }

  /**
   * Makes a backup of a database that is about to be migrated to {@code schema}. It takes the place
   * of one that was made before an earlier try: a start that is tried for ever must not, with
   * copies of one state, drive out all others.
   */
  public Path makeBefore(Database database, String schema) throws IOException {
    return make(database, "-before-schema-" + schema);
  }

  private Path make(Database database, String kind) throws IOException {
    String ending = kind + ".zip";
    Path target = home.backups().resolve("muster-" + TIME.format(clock.instant()) + ending);
    BackupArchive.write(database, home, target);
    for (Path earlier : newestFirst()) {
      boolean same = !kind.isEmpty() && earlier.getFileName().toString().endsWith(ending);
      if (same && !earlier.equals(target)) {
        Files.deleteIfExists(earlier);
      }
    }
    List<Path> all = newestFirst();
    for (Path old : all.subList(Math.min(KEPT, all.size()), all.size())) {
      Files.deleteIfExists(old);
    }
    return target;
  }

  /** The backups there are; their names rise with time. */
  public List<Path> newestFirst() throws IOException {
    if (!Files.isDirectory(home.backups())) {
      return List.of();
    }
    try (var files = Files.list(home.backups())) {
      return files
          .filter(f -> f.getFileName().toString().matches("muster-.*\\.zip"))
          .sorted(Comparator.comparing((Path f) -> f.getFileName().toString()).reversed())
          .toList();
    }
  }
}
