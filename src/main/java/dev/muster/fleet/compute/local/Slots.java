package dev.muster.fleet.compute.local;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.muster.kernel.home.FileTrees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * The slots of a spec. A runner writes into its own folder, so each slot has a copy of it; the copy
 * is made anew when the original changes.
 */
final class Slots {
  /** By this file a runner's folder is known; other programs are started where they are. */
  static final String ENTRY = "run.sh";

  private static final Set<String> LEFT_BEHIND = Set.of("_work", "_diag");
  private final Path folder;

  Slots(Path folder) {
    this.folder = folder;
  }

  /** The folder that a command's runner lives in, where it is one that has to be copied. */
  static Optional<Path> runnerFolder(List<String> command) {
    Path program = Path.of(command.getFirst());
    return program.isAbsolute() && program.endsWith(ENTRY)
        ? Optional.ofNullable(program.getParent())
        : Optional.empty();
  }

  /** The lowest number from 0 to {@code slots - 1} that is not taken. */
  static Optional<Integer> free(int slots, Set<Integer> taken) {
    for (int slot = 0; slot < slots; slot++) {
      if (!taken.contains(slot)) {
        return Optional.of(slot);
      }
    }
    return Optional.empty();
  }

  /** The working folder of a slot, with a current copy of the runner in it where there is one. */
  Path prepare(String spec, int slot, List<String> command) throws IOException {
    Path target = folder.resolve(spec).resolve(Integer.toString(slot));
    Optional<Path> source = runnerFolder(command);
    if (source.isEmpty()) {
      return Files.createDirectories(target);
    }
    Path stamp = folder.resolve(spec).resolve(slot + ".source");
    String version = version(source.get());
    if (!Files.exists(stamp) || !Files.readString(stamp).equals(version)) {
      Files.deleteIfExists(stamp);
      FileTrees.delete(target);
      Files.createDirectories(target);
      copy(source.get(), target);
      Files.writeString(stamp, version);
    }
    return target;
  }

  /** Of every file, since an update may replace one deep inside and nothing above it. */
  private static String version(Path source) throws IOException {
    StringBuilder files = new StringBuilder(source.toString());
    Set<Path> sorted = new TreeSet<>();
    walk(source, file -> sorted.add(file));
    for (Path file : sorted) {
      files.append('|').append(source.relativize(file));
      files.append('@').append(Files.getLastModifiedTime(file, NOFOLLOW_LINKS).to(NANOSECONDS));
    }
    return UUID.nameUUIDFromBytes(files.toString().getBytes(StandardCharsets.UTF_8)).toString();
  }

  private static void copy(Path source, Path target) throws IOException {
    walk(
        source,
        file -> {
          Path copy = target.resolve(source.relativize(file));
          Files.createDirectories(Objects.requireNonNull(copy.getParent()));
          Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES, NOFOLLOW_LINKS);
        });
  }

  private interface Visit {
    void file(Path file) throws IOException;
  }

  private static void walk(Path source, Visit visit) throws IOException {
    Files.walkFileTree(
        source,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            return LEFT_BEHIND.contains(String.valueOf(dir.getFileName()))
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            visit.file(file);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
