package dev.muster.kernel.backup;

import dev.muster.kernel.home.FileTrees;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.store.Database;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * One backup: a zip with {@code data/muster.mv.db} and {@code config.git/}, laid out as in home.
 * Secrets, tokens in clear and the output of runners are not in it.
 */
public final class BackupArchive {
  private static final String DATA = "data/";
  private static final String CONFIG = "config.git/";

  private BackupArchive() {}

  /** Writes a backup; the database goes on meanwhile. The file is whole or absent. */
  public static void write(Database database, Home home, Path target) throws IOException {
    Path folder = Files.createDirectories(target.toAbsolutePath().getParent());
    Path snapshot = Files.createTempFile(folder, "snapshot-", ".zip");
    Path part = Files.createTempFile(folder, "backup-", ".part");
    Path config = Files.createTempDirectory(folder, "config-");
    try {
      database.backupTo(snapshot);
      if (Files.isDirectory(home.configRepository())) {
        new RepositoryCopy(home.configRepository(), config, Files::copy).make();
      }
      try (OutputStream file = Files.newOutputStream(part);
          ZipOutputStream zip = new ZipOutputStream(file)) {
        copyDatabase(snapshot, zip);
        copyConfig(config, zip);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(snapshot);
      Files.deleteIfExists(part);
      FileTrees.delete(config);
    }
  }

  private static void copyDatabase(Path snapshot, ZipOutputStream zip) throws IOException {
    try (InputStream file = Files.newInputStream(snapshot);
        ZipInputStream inner = new ZipInputStream(file)) {
      for (ZipEntry entry = inner.getNextEntry(); entry != null; entry = inner.getNextEntry()) {
        zip.putNextEntry(new ZipEntry(DATA + entry.getName()));
        inner.transferTo(zip);
        zip.closeEntry();
      }
    }
  }

  private static void copyConfig(Path repository, ZipOutputStream zip) throws IOException {
    List<Path> files;
    try (var walk = Files.walk(repository)) {
      files = walk.filter(Files::isRegularFile).sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    for (Path file : files) {
      zip.putNextEntry(
          new ZipEntry(CONFIG + repository.relativize(file).toString().replace('\\', '/')));
      Files.copy(file, zip);
      zip.closeEntry();
    }
  }

  /** What is wrong is the backup, and not the place where it is to be put. */
  public static final class UnusableException extends IOException {
    private static final long serialVersionUID = 1L;

    UnusableException(Path backup, String reason, @Nullable Throwable cause) {
      super(backup + " is not a backup of Muster: " + reason, cause);
    }
  }

  /**
   * Puts a backup's database and config repository into home.
   *
   * @throws UnusableException when the file is no backup, or cannot be read whole
   * @throws IOException when home cannot be written to
   */
  public static void extract(Path backup, Home home) throws IOException {
    try (ZipFile zip = open(backup)) {
      if (zip.getEntry(DATA + Database.fileOf(home.data()).getFileName()) == null) {
        throw new UnusableException(backup, "it holds no database", null);
      }
      var entries = zip.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        Path target = home.root().resolve(entry.getName()).normalize();
        boolean ours = entry.getName().startsWith(DATA) || entry.getName().startsWith(CONFIG);
        if (!ours || !target.startsWith(home.root())) {
          throw new UnusableException(
              backup, "it holds " + entry.getName() + ", which no backup has", null);
        }
        Files.createDirectories(target.getParent());
        try (InputStream content = zip.getInputStream(entry)) {
          Files.copy(content, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
      if (Files.isDirectory(home.configRepository())) {
        RepositoryCopy.makeFolders(home.configRepository()); // a zip of files has none
      }
    } catch (ZipException | EOFException e) {
      throw new UnusableException(backup, String.valueOf(e.getMessage()), e);
    }
  }

  private static ZipFile open(Path backup) throws UnusableException {
    try {
      return new ZipFile(backup.toFile());
    } catch (IOException e) {
      throw new UnusableException(backup, String.valueOf(e.getMessage()), e);
    }
  }
}
