package dev.muster.agent.windows;

import dev.muster.agent.common.AgentTime;
import dev.muster.agent.common.JobLauncher;
import dev.muster.agent.common.Machine;
import dev.muster.agent.common.Platform;
import dev.muster.agent.common.RunnerFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Windows: jobs behind a host, as a user of their own where one is named. */
final class WindowsPlatform implements Platform {
  private final Commands commands;

  WindowsPlatform(Commands commands) {
    this.commands = commands;
  }

  /** Windows names no boot; the agent is started once in each, so its own start names it. */
  @Override
  public Machine machine() {
    return Machine.here(UUID.randomUUID().toString(), "windows");
  }

  @Override
  public JobLauncher launcher(Path home, AgentTime time, Optional<String> user) throws IOException {
    return new TaskLauncher(
        home,
        user.isEmpty()
            ? new OwnHosts(home, OwnHosts.thisJava())
            : new TaskHosts(commands, time, user.get(), TaskHosts.MEETING_POINT));
  }

  @Override
  public RunnerFiles runnerFiles() {
    return new ZipRunnerFiles(commands);
  }

  @Override
  public List<String> trial(String word) {
    return List.of("cmd.exe", "/d", "/c", "echo %s & whoami & exit 7".formatted(word));
  }
}
