package dev.muster.agent.common;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.muster.agent.protocol.RunnerRelease;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the image's GitHub runner fresh: GitHub refuses ones older than 30 days. A release that the
 * appliance wants is fetched, checked, unpacked beside and swapped in; where that fails the old one
 * stays, and that is said.
 */
final class RunnerUpdate {
  /** FLEET: warn at day 20 of 30. */
  static final Duration OLD = Duration.ofDays(20);

  private static final long LARGEST = 1024L * 1024 * 1024;
  private static final Duration LONGEST = Duration.ofSeconds(90);
  private static final String MARK = ".muster-version";

  private final Path image;
  private final Path folder;
  private final RunnerFiles files;
  private final Optional<String> user;
  private final AgentTime time;

  /**
   * For a machine made from an image.
   *
   * @param image the image's {@code {"runner": VERSION, "built": TIME}}
   * @param folder where the runner is
   */
  RunnerUpdate(Path image, Path folder, RunnerFiles files, Optional<String> user, AgentTime time) {
    this.image = image;
    this.folder = folder;
    this.files = files;
    this.user = user;
    this.time = time;
  }

  /** Brings the runner up to date; what the appliance should know of it, in words. */
  List<Notice> bring(@Nullable RunnerRelease wanted) {
    try {
      Path place = recovered();
      String present = present(place);
      if (wanted == null) {
        return age(present);
      }
      if (wanted.version().equals(present)) {
        return List.of();
      }
      return List.of(update(wanted, place, present));
    } catch (IOException | IllegalArgumentException e) {
      return List.of(
          new Notice.Remark("the GitHub runner is not updated: %s".formatted(e.getMessage())));
    }
  }

  /** The runner's folder itself; put back where a crash came between the two steps of a swap. */
  private Path recovered() throws IOException {
    Path place = Files.isSymbolicLink(folder) ? Files.readSymbolicLink(folder) : folder;
    Path old = beside(place, ".old");
    if (Files.notExists(place) && Files.exists(old)) {
      Files.move(old, place);
    }
    return place.toRealPath();
  }

  private String present(Path place) throws IOException {
    Path mark = place.resolve(MARK);
    return Files.exists(mark)
        ? Files.readString(mark).strip()
        : String.valueOf(imageKeys().get("runner"));
  }

  private Map<String, Object> imageKeys() throws IOException {
    return JSON.std.mapFrom(Files.readAllBytes(image));
  }

  private List<Notice> age(String version) throws IOException {
    Object built = imageKeys().get("built");
    try {
      Duration age = Duration.between(Instant.parse(String.valueOf(built)), time.now());
      return age.compareTo(OLD) <= 0
          ? List.of()
          : List.of(
              new Notice.Remark(
                  ("the image with GitHub runner %s is %d days old; GitHub refuses runners older"
                          + " than 30 days: make the image anew, or set runner_version")
                      .formatted(version, age.toDays())));
    } catch (DateTimeException e) {
      throw new IOException("%s: 'built' is '%s', which is no time".formatted(image, built), e);
    }
  }

  private Notice update(RunnerRelease wanted, Path place, String present) throws IOException {
    RunnerRelease.Archive archive =
        wanted
            .archive(files.platform())
            .orElseThrow(() ->
                new IOException(
                    "no SHA-256 is known of version %s for %s; set runner_sha256.%s"
                        .formatted(wanted.version(), files.platform(), files.platform())));
    Path fetched = beside(place, ".archive");
    Path next = beside(place, ".next");
    try {
      remove(next);
      new Download(time, LARGEST, LONGEST)
          .fetch(URI.create(archive.url()), archive.sha256(), fetched);
      Files.createDirectory(next);
      files.unpack(fetched, next, user);
      Files.writeString(next.resolve(MARK), wanted.version());
      swap(place, next);
    } finally {
      Files.deleteIfExists(fetched);
      remove(next);
    }
    return new Notice.Remark(
        "GitHub runner updated from %s to %s".formatted(present, wanted.version()));
  }

  private static void swap(Path place, Path next) throws IOException {
    Path old = beside(place, ".old");
    remove(old);
    Files.move(place, old);
    try {
      Files.move(next, place);
    } catch (IOException e) {
      Files.move(old, place);
      throw e;
    }
    remove(old);
  }

  private static Path beside(Path place, String suffix) {
    return place.resolveSibling(place.getFileName() + suffix);
  }

  private static void remove(Path folder) throws IOException {
    if (Files.notExists(folder)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(folder)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : deepestFirst) {
      Files.delete(each);
    }
  }
}
