package dev.muster;

import dev.muster.cli.World;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts programs of ours with the same runtime and jars, small and soon. */
final class JavaPrograms implements World.Programs {
  private final Path java;
  private final String classPath;

  /**
   * Starts programs with a runtime.
   *
   * @param javaHome of the runtime that runs this process
   * @param classPath of this process, absolute
   */
  JavaPrograms(Path javaHome, String classPath) {
    this.java = javaHome.resolve("bin").resolve("java");
    this.classPath = classPath;
  }

  @Override
  public List<String> with(Path configFile) {
    return run("dev.muster.agent.linux.AgentMain", "--config", configFile.toString());
  }

  @Override
  public List<String> run(String mainClass, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                java.toString(),
                "-Xmx48m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                mainClass));
    command.addAll(List.of(arguments));
    return command;
  }
}
