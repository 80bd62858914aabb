package dev.muster.fleet.compute.local;

import java.nio.file.Path;
import java.util.List;

/** How the runner agent is started on this machine. */
public interface AgentCommand {
  /** The command line that runs the agent with a config file. */
  List<String> with(Path configFile);
}
