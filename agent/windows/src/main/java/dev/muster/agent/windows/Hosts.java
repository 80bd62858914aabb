package dev.muster.agent.windows;

import java.io.IOException;
import java.nio.file.Path;

/** How the host of a job comes to be, and goes with all that it started. */
interface Hosts {
  /** The folder where a host finds how to reach the agent. */
  Path meetingPoint();

  /**
   * Starts {@link JobHost} with {@code file}.
   *
   * @throws IOException when it cannot be started, with the way out in the message
   */
  void start(Path file) throws IOException;

  /**
   * Ends the host, the job and all that it left behind.
   *
   * @throws IOException when something is still there
   */
  void endAll() throws IOException, InterruptedException;
}
