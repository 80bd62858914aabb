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
 * @param started that process's start, as {@link #started} says it
 */
record LocalInstance(
    String id,
    String launch,
    int index,
    String spec,
    int slot,
    Optional<String> unit,
    long pid,
    String started,
    Instant launchedAt) {
  private static final ObjectMapper JSON =
      JsonMapper.builder().addModule(new Jdk8Module()).addModule(new JavaTimeModule()).build();
  private static final String FILE = "instance.json";
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

  /**
   * The place of a process's start in {@code /proc/PID/stat}, counted behind its program's name.
   */
  private static final int TICKS = 19;

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
        .filter(process -> started(process).filter(started::equals).isPresent())
        .filter(ProcessHandle::isAlive);
  }

  /**
   * What tells a process from every other with the same number: the boot, and the ticks since it.
   * Java says the time of day instead, which it reckons back from what the clock says now: after
   * the clock was set, another process of ours would take a runner that works for one that ended.
   *
   * @return empty when it has ended, also while it is still listed as nobody has asked how: an
   *     adopted one's parent is the machine's first process, which in a container may take its time
   *     or never ask
   */
  static Optional<String> started(ProcessHandle process) {
    try {
      String stat =
          Files.readString(
              Path.of("/proc", process.pid() + "", "stat"), StandardCharsets.ISO_8859_1);
      // The program's name stands in parentheses before the rest and may hold anything.
      String[] rest = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return rest[0].equals("Z")
          ? Optional.empty()
          : Optional.of(rest[TICKS] + " ticks after boot " + Files.readString(BOOT).strip());
    } catch (IOException e) {
      return Files.exists(BOOT)
          ? Optional.empty() // it was asked just now, and is gone
          : process.info().startInstant().map(Instant::toString);
    }
  }
}
