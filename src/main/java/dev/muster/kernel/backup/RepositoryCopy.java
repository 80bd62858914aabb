package dev.muster.kernel.backup;

import dev.muster.kernel.home.FileTrees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/**
 * Copies a git repository while it is pushed to. A push stores its objects before its reference, so
 * that whatever the references name, which are copied first, is there when the objects are. Of the
 * references those in files of their own come first, as git packs them before it removes the files.
 *
 * <p>After some pushes JGit packs the objects anew, and removes what it has packed: where a file is
 * gone before it was copied, all begins again.
 */
final class RepositoryCopy {
  /** Nobody packs a repository, or pushes to it, so often while a few small files are copied. */
  private static final int TRIES = 20;

  private static final Path REFERENCES = Path.of("refs");
  private static final Path OBJECTS = Path.of("objects");

  private final Path from;
  private final Path to;
  private final Copier copier;

  /** Copies one file. */
  interface Copier {
    void copy(Path file, Path target) throws IOException;
  }

  RepositoryCopy(Path from, Path to, Copier copier) {
    this.from = from;
    this.to = to;
    this.copier = copier;
  }

  /** Makes the copy, in the place of what was there before. */
  void make() throws IOException {
    NoSuchFileException last = null;
    for (int i = 0; i < TRIES; i++) {
      FileTrees.delete(to);
      try {
        copy(file -> file.startsWith(REFERENCES));
        copy(file -> !file.startsWith(REFERENCES) && !file.startsWith(OBJECTS));
        copy(file -> file.startsWith(OBJECTS));
        makeFolders(to);
        return;
      } catch (NoSuchFileException e) {
        last = e;
      }
    }
    throw new IOException(
        "The repository %s changed each of the %d times that it was copied; try again"
            .formatted(from, TRIES),
        last);
  }

  /** What git knows a repository by, empty as it is when all references are packed. */
  static void makeFolders(Path repository) throws IOException {
    Files.createDirectories(repository.resolve(REFERENCES));
    Files.createDirectories(repository.resolve(OBJECTS));
  }

  private void copy(Predicate<Path> wanted) throws IOException {
    for (Path file : files()) {
      if (wanted.test(file) && !file.toString().endsWith(".lock")) {
        Path target = to.resolve(file);
        Files.createDirectories(target.getParent());
        copier.copy(from.resolve(file), target);
      }
    }
  }

  /** What there is now, relative to the repository. */
  private List<Path> files() throws IOException {
    try (var walk = Files.walk(from)) {
      return walk.filter(Files::isRegularFile).map(from::relativize).sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
