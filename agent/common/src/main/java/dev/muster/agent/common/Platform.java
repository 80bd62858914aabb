package dev.muster.agent.common;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What the program for one operating system brings along. */
public interface Platform {
  /**
   * This machine, and this boot of it.
   *
   * @throws IOException when the operating system does not say
   */
  Machine machine() throws IOException;

  /**
   * What starts jobs.
   *
   * @param home the agent's folder
   * @param user whom jobs run as; empty for the agent's own user
   * @throws IOException when there is no such user, with the way out in the message
   */
  JobLauncher launcher(Path home, AgentTime time, Optional<String> user) throws IOException;

  /** What this system does about the GitHub runner's files. */
  RunnerFiles runnerFiles() throws IOException;

  /** A command that writes {@code word} and its user's name, and ends with exit code 7. */
  List<String> trial(String word);
}
