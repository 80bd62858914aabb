package dev.muster.agent.windows;

import dev.muster.agent.common.RunnerFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** GitHub's runner on Windows: a zip archive, whose files the jobs' user may change. */
final class ZipRunnerFiles implements RunnerFiles {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Commands commands;

  ZipRunnerFiles(Commands commands) {
    this.commands = commands;
  }

  @Override
  public String platform() {
    return "win-x64";
  }

  /** Windows brings a {@code tar} that reads zip, many times faster than Expand-Archive. */
  @Override
  public void unpack(Path archive, Path folder, Optional<String> user) throws IOException {
    run(List.of("tar.exe", "-xf", archive.toString(), "-C", folder.toString()));
    if (user.isPresent()) {
      run(
          List.of(
              "icacls.exe", folder.toString(), "/grant", user.get() + ":(OI)(CI)M", "/T", "/Q"));
    }
  }

  private void run(List<String> command) throws IOException {
    Commands.Result result = commands.run(command, PATIENCE);
    if (result.exitCode() != 0) {
      throw new IOException(
          "%s ended with %d: %s".formatted(command.getFirst(), result.exitCode(), result.text()));
    }
  }
}
