package dev.muster;

import dev.muster.cli.World;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Starts programs of ours with the same runtime and jars, small and soon. */
final class JavaPrograms implements World.Programs {
  private static final String MAIN = "dev.muster.Main";

  private final Path java;
  private final String classPath;
  private final Optional<Path> launcher;

  /**
   * Starts programs with a runtime.
   *
   * @param javaHome of the runtime that runs this process
   * @param classPath of this process, absolute
   * @param launcher the script that started this process; empty when none did
   */
  JavaPrograms(Path javaHome, String classPath, Optional<Path> launcher) {
    this.java = javaHome.resolve("bin").resolve("java");
    this.classPath = classPath;
    this.launcher = launcher;
  }

  /** From the image's jar of the agent, as on EC2: each runner that is kept ready has one. */
  @Override
  public List<String> with(Path configFile) {
    return java(
        agentFiles().map(files -> files.resolve("agent-linux.jar").toString()).orElse(classPath),
        "dev.muster.agent.linux.AgentMain",
        "--config",
        configFile.toString());
  }

  @Override
  public List<String> run(String mainClass, String... arguments) {
    return java(classPath, mainClass, arguments);
  }

  private List<String> java(String jars, String mainClass, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                java.toString(),
                "-Xmx48m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                jars,
                mainClass));
    command.addAll(List.of(arguments));
    return command;
  }

  @Override
  public Optional<Path> agentFiles() {
    return launcher.map(script -> script.resolveSibling("../agent").normalize());
  }

  @Override
  public List<String> muster(String... arguments) {
    List<String> command = new ArrayList<>();
    if (launcher.isPresent()) {
      command.add(launcher.get().toString());
    } else {
      command.addAll(
          List.of(java.toString(), "-XX:+UseSerialGC", "-Xmx256m", "-cp", classPath, MAIN));
    }
    command.addAll(List.of(arguments));
    return command;
  }
}
