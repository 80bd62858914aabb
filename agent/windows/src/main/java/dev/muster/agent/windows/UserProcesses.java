package dev.muster.agent.windows;

import dev.muster.agent.common.AgentTime;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** All processes of the user who exists for jobs alone: a job, and whatever it left behind. */
final class UserProcesses {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(250);
  private static final int ATTEMPTS = 20;

  private final Commands commands;
  private final AgentTime time;
  private final String filter;

  UserProcesses(Commands commands, AgentTime time, String user) {
    this.commands = commands;
    this.time = time;
    this.filter = "USERNAME eq " + user;
  }

  /**
   * Ends them all, those that appear meanwhile too.
   *
   * @throws IOException when some are still there after 20 attempts, or cannot be listed
   */
  void end() throws IOException, InterruptedException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      commands.run(List.of("taskkill.exe", "/F", "/FI", filter), PATIENCE);
      if (!any()) {
        return;
      }
      time.sleep(LOOK_AGAIN);
    }
    throw new IOException("end the processes of jobs (%s): some are still there".formatted(filter));
  }

  private boolean any() throws IOException {
    Commands.Result listed =
        commands.run(List.of("tasklist.exe", "/FI", filter, "/FO", "CSV", "/NH"), PATIENCE);
    if (listed.exitCode() != 0) {
      throw new IOException("tasklist.exe: " + listed.text());
    }
    // "None" is a sentence in Windows' language; a process is a line that begins with a quote.
    return listed.text().lines().anyMatch(line -> line.startsWith("\""));
  }
}
