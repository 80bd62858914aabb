package dev.muster.kernel.home;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Removes folders without following links out of them. */
public final class FileTrees {
  private FileTrees() {}

  /**
   * Removes {@code root} and all in it; one that does not exist is removed already.
   *
   * @throws IOException the first failure, after all else has been removed
   */
  public static void delete(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    @Nullable IOException first = null;
    for (Path path : deepestFirst(root)) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private static List<Path> deepestFirst(Path root) throws IOException {
    try (var walk = Files.walk(root)) {
      return walk.sorted(Comparator.reverseOrder()).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
