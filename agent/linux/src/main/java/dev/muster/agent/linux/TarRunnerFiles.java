package dev.muster.agent.linux;

import dev.muster.agent.common.RunnerFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** GitHub's runner on Linux: a tar archive, whose files belong to the jobs' user. */
final class TarRunnerFiles implements RunnerFiles {
  private static final int MOST_SAID = 1_000;

  private final String arch;

  /**
   * For an architecture.
   *
   * @param arch {@code amd64} or {@code arm64}
   */
  TarRunnerFiles(String arch) {
    this.arch = arch;
  }

  @Override
  public String platform() {
    return "linux-" + (arch.equals("amd64") ? "x64" : arch);
  }

  @Override
  public void unpack(Path archive, Path folder, Optional<String> user) throws IOException {
    run(List.of("tar", "-xzf", archive.toString(), "-C", folder.toString(), "--no-same-owner"));
    if (user.isPresent()) {
      JobUser owner = JobUser.named(user.get());
      run(List.of("chown", "-R", owner.uid() + ":" + owner.gid(), folder.toString()));
    }
  }

  private static void run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said =
        new String(process.getInputStream().readNBytes(MOST_SAID), StandardCharsets.UTF_8);
    process.getInputStream().transferTo(OutputStream.nullOutputStream()); // or it waits for us
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException(
            "%s ended with %d: %s".formatted(command.getFirst(), code, said.strip()));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException(command.getFirst() + ": interrupted", e);
    }
  }
}
