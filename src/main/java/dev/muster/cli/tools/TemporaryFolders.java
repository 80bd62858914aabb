package dev.muster.cli.tools;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** Removes what a trial or a measurement left. */
public final class TemporaryFolders {
  private static final Logger log = System.getLogger(TemporaryFolders.class.getName());

  private TemporaryFolders() {}

  /** Removes a folder; what a process that is just ending still writes there stays. */
  public static void delete(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> deepestFirst;
    try (var walk = Files.walk(root)) {
      deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
    } catch (java.io.UncheckedIOException | NoSuchFileException e) {
      return;
    }
    for (Path path : deepestFirst) {
      try {
        Files.deleteIfExists(path);
      } catch (DirectoryNotEmptyException e) {
        log.log(Level.DEBUG, "Something still writes into {0}", path);
      }
    }
  }
}
