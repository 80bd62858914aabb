package dev.muster.agent.common;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** "Unpacks" an archive as the one file {@code run.sh}, or fails. */
final class FakeRunnerFiles implements RunnerFiles {
  boolean broken;

  @Override
  public String platform() {
    return "linux-x64";
  }

  @Override
  public void unpack(Path archive, Path folder, Optional<String> user) throws IOException {
    Files.copy(archive, folder.resolve("run.sh"));
    if (broken) {
      throw new IOException("tar ended with 2: no space left");
    }
  }
}
