package dev.muster.fleet.compute.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Starts a process that outlives the appliance. */
interface Spawner {
  /**
   * What was started.
   *
   * @param unit its transient systemd unit, where it has one
   */
  record Spawned(ProcessHandle process, Optional<String> unit) {}

  /**
   * Starts it and does not wait for its end.
   *
   * @param name unique among those that run
   * @param log where its output goes
   */
  Spawned spawn(String name, List<String> command, Path folder, Path log)
      throws IOException, InterruptedException;
}
