package dev.muster.agent.windows;

import dev.muster.agent.common.AgentTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Hosts as a user of their own, by the task that {@code Install-Runner.ps1} registers. The task
 * knows the file by its fixed place; a task that is run takes no arguments.
 */
final class TaskHosts implements Hosts {
  /** As {@code Install-Runner.ps1} has it. */
  static final String TASK = "Muster job";

  /** As {@code Install-Runner.ps1} makes it: for SYSTEM, administrators and the job's user. */
  static final Path MEETING_POINT = Path.of("C:\\ProgramData\\Muster-job");

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Commands commands;
  private final UserProcesses processes;
  private final Path meetingPoint;

  /**
   * With the task of this machine.
   *
   * @throws IOException when it does not know the user, with the way out in the message
   */
  TaskHosts(Commands commands, AgentTime time, String user, Path meetingPoint) throws IOException {
    this.commands = commands;
    this.processes = new UserProcesses(commands, time, user);
    this.meetingPoint = meetingPoint;
    if (commands.run(List.of("net.exe", "user", user), PATIENCE).exitCode() != 0) {
      throw new IOException(
          "'user' names %s, whom this machine does not know; add the user, or leave the key out"
              .formatted(user));
    }
  }

  @Override
  public Path meetingPoint() {
    return meetingPoint;
  }

  @Override
  public void start(Path file) throws IOException {
    Commands.Result result = commands.run(List.of("schtasks.exe", "/Run", "/TN", TASK), PATIENCE);
    if (result.exitCode() != 0) {
      throw new IOException(
          "run the task '%s': %s; make the image anew if it is missing"
              .formatted(TASK, result.text()));
    }
  }

  @Override
  public void endAll() throws IOException, InterruptedException {
    processes.end();
  }
}
