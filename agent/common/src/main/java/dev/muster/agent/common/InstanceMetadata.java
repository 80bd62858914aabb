package dev.muster.agent.common;

import java.io.IOException;
import java.util.Optional;

/** What the cloud tells a machine about itself. */
interface InstanceMetadata {
  /**
   * The text at {@code path}, which begins with a slash; empty where there is none.
   *
   * @throws IOException when nobody answers, with the address in the message
   */
  Optional<String> read(String path) throws IOException;
}
