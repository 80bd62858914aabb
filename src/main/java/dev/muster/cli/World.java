package dev.muster.cli;

import dev.muster.fleet.compute.local.AgentCommand;
import dev.muster.kernel.home.Build;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the process was given: only {@code Main} asks the system for it.
 *
 * @param userHome the user's home folder
 * @param working the working folder
 */
public record World(
    InstantSource clock,
    Map<String, String> environment,
    Path userHome,
    Path working,
    PrintStream out,
    PrintStream err,
    Programs programs,
    Build build) {
  public World {
    environment = Map.copyOf(environment);
  }

  /** How programs that belong to this one are started. */
  public interface Programs extends AgentCommand {
    /** The command line of a main class of ours, with the runtime and jars of this process. */
    List<String> run(String mainClass, String... arguments);

    /** The command line of {@code muster}, as users start it. */
    List<String> muster(String... arguments);

    /** The folder of the agents that come with this image; empty where this runs from none. */
    default Optional<Path> agentFiles() {
      return Optional.empty();
    }
  }
}
