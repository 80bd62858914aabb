package dev.muster.agent.linux;

import dev.muster.agent.common.AgentTime;
import dev.muster.agent.common.JobLauncher;
import dev.muster.agent.common.Machine;
import dev.muster.agent.common.Platform;
import dev.muster.agent.common.RunnerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Linux: jobs in sessions, as a user of their own where one is named. */
final class LinuxPlatform implements Platform {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  @Override
  public Machine machine() throws IOException {
    return Machine.here(Files.readString(BOOT_ID).strip(), "linux");
  }

  @Override
  public JobLauncher launcher(Path home, AgentTime time, Optional<String> user) throws IOException {
    return new SetsidLauncher(
        home, time, user.isEmpty() ? Optional.empty() : Optional.of(JobUser.named(user.get())));
  }

  @Override
  public RunnerFiles runnerFiles() throws IOException {
    return new TarRunnerFiles(machine().arch());
  }

  @Override
  public List<String> trial(String word) {
    return List.of("sh", "-c", "echo %s; id -un; exit 7".formatted(word));
  }
}
