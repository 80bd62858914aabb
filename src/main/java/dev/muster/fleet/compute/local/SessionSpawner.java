package dev.muster.fleet.compute.local;

import dev.muster.kernel.supervision.Supervision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Starts a process in a session of its own, so that neither the terminal's signals nor the end of
 * the appliance reach it. {@code setsid} replaces itself, so the process's number is the program's.
 */
final class SessionSpawner implements Spawner {
  /** Variables that begin so are the appliance's, and may be its secrets. */
  private static final List<String> OWN = List.of("MUSTER_", "AWS_", "OTEL_");

  @Override
  public Spawned spawn(String name, List<String> command, Path folder, Path log)
      throws IOException {
    List<String> line = new ArrayList<>(List.of("setsid"));
    line.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().keySet().removeIf(key -> OWN.stream().anyMatch(key::startsWith));
    // Else a program in a job that speaks to systemd would speak for the appliance.
    builder.environment().keySet().removeAll(Supervision.VARIABLES);
    return new Spawned(builder.start().toHandle(), Optional.empty());
  }
}
