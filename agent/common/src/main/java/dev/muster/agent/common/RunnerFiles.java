package dev.muster.agent.common;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** What differs between operating systems about the GitHub runner's own files. */
public interface RunnerFiles {
  /** How GitHub names this machine's archives: {@code linux-x64}, {@code win-x64}. */
  String platform();

  /**
   * Unpacks a release into a folder, which is there and empty, for the user whom jobs run as.
   *
   * @param user empty for the agent's own user
   * @throws IOException when it cannot be unpacked whole
   */
  void unpack(Path archive, Path folder, Optional<String> user) throws IOException;
}
