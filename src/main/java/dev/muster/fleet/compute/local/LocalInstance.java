package dev.muster.fleet.compute.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;

/**
 * What is kept on disk of a local runner, so that another process of ours finds it again.
 *
 * @param slot which copy of the runner's folder it uses
 * @param spec the spec whose slots it takes
 * @param unit the transient systemd unit it runs in, where systemd runs
 * @param pid its agent's process
 * @param startedAt that process's start, which tells it from a later one with the same number
 */
record LocalInstance(
    String id,
    String launch,
    int index,
    String spec,
    int slot,
    Optional<String> unit,
    long pid,
    Instant startedAt,
    Instant launchedAt) {
  private static final ObjectMapper JSON =
      JsonMapper.builder().addModule(new Jdk8Module()).addModule(new JavaTimeModule()).build();
  private static final String FILE = "instance.json";

  static Optional<LocalInstance> read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    return Files.exists(file)
        ? Optional.of(JSON.readValue(file.toFile(), LocalInstance.class))
        : Optional.empty();
  }

  /** Written beside and moved, so that it is whole or absent. */
  void write(Path folder) throws IOException {
    Path part = folder.resolve(FILE + ".part");
    JSON.writeValue(part.toFile(), this);
    Files.move(part, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Its process, when it still runs. */
  Optional<ProcessHandle> process() {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(
            p -> p.info().startInstant().map(started -> started.equals(startedAt)).orElse(false))
        .filter(p -> !hasEnded());
  }

  /**
   * Whether it has ended, also while it is still listed as nobody has asked how: an adopted one's
   * parent is the machine's first process, which in a container may take its time or never ask.
   */
  private boolean hasEnded() {
    try {
      // The program's name stands in parentheses before it and may hold anything.
      String stat =
          Files.readString(Path.of("/proc", pid + "", "stat"), StandardCharsets.ISO_8859_1);
      return stat.startsWith(") Z", stat.lastIndexOf(')'));
    } catch (IOException e) {
      return Files.exists(Path.of("/proc", "self")); // it was asked just now, and is gone
    }
  }
}
