package dev.muster;

import dev.muster.fleet.compute.local.AgentCommand;
import java.nio.file.Path;
import java.util.List;

/** How programs that belong to this one are started: with the same runtime and jars. */
final class SelfCommand implements AgentCommand {
  private final Path java;
  private final String classPath;

  /**
   * Starts programs with a runtime.
   *
   * @param javaHome of the runtime that runs this process
   * @param classPath of this process, absolute
   */
  SelfCommand(Path javaHome, String classPath) {
    this.java = javaHome.resolve("bin").resolve("java");
    this.classPath = classPath;
  }

  @Override
  public List<String> with(Path configFile) {
    return small("dev.muster.agent.linux.AgentMain", "--config", configFile.toString());
  }

  /** A program that needs little memory and starts soon. */
  List<String> small(String main, String... arguments) {
    List<String> command =
        new java.util.ArrayList<>(
            List.of(
                java.toString(),
                "-Xmx48m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                classPath,
                main));
    command.addAll(List.of(arguments));
    return command;
  }
}
