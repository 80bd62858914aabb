package dev.muster.agent.windows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Hosts as the agent's own user, where the config names none: children of the agent. */
final class OwnHosts implements Hosts {
  private final Path home;
  private final List<String> java;
  private @Nullable ProcessHandle host;

  /**
   * With this runtime.
   *
   * @param java the runtime with its class path: what comes before the main class
   */
  OwnHosts(Path home, List<String> java) {
    this.home = home;
    this.java = List.copyOf(java);
  }

  /** What runs this process. */
  static List<String> thisJava() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx32m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("java.class.path"));
  }

  @Override
  public Path meetingPoint() {
    return home;
  }

  @Override
  public void start(Path file) throws IOException {
    List<String> command = new ArrayList<>(java);
    command.add(JobHost.class.getName());
    command.add(file.toString());
    host =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()
            .toHandle();
  }

  @Override
  public void endAll() throws InterruptedException {
    ProcessHandle ours = host;
    if (ours == null) {
      return;
    }
    Set<ProcessHandle> all = new HashSet<>(ours.descendants().toList());
    all.add(ours);
    all.forEach(ProcessHandle::destroyForcibly);
    for (ProcessHandle each : all) {
      each.onExit().join();
    }
  }
}
