package dev.muster.fleet.compute.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Starts a process in a transient unit of its own: systemd ends a service's whole control group
 * with it, so that what is to outlive the appliance must not be in the appliance's.
 */
final class SystemdSpawner implements Spawner {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final String systemdRun;
  private final String systemctl;

  SystemdSpawner() {
    this("systemd-run", "systemctl");
  }

  /** With other programs than those on the path. */
  SystemdSpawner(String systemdRun, String systemctl) {
    this.systemdRun = systemdRun;
    this.systemctl = systemctl;
  }

  @Override
  public Spawned spawn(String name, List<String> command, Path folder, Path log)
      throws IOException, InterruptedException {
    String unit = name + ".service";
    List<String> line =
        new ArrayList<>(
            List.of(
                systemdRun,
                "--quiet",
                "--collect",
                "--unit=" + unit,
                "--property=Type=exec",
                "--property=WorkingDirectory=" + folder,
                "--property=StandardOutput=append:" + log,
                "--property=StandardError=append:" + log,
                "--"));
    // The service manager would put variables of its own in place of $NAME.
    command.forEach(word -> line.add(word.replace("$", "$$")));
    run(line);
    long pid =
        Long.parseLong(
            run(List.of(systemctl, "show", "--property=MainPID", "--value", unit)).strip());
    ProcessHandle process =
        ProcessHandle.of(pid)
            .orElseThrow(() -> new IOException(unit + " ended as soon as it was started"));
    return new Spawned(process, Optional.of(unit));
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(
          command.getFirst() + " did not end within " + PATIENCE.toSeconds() + " s");
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.exitValue() != 0) {
      throw new IOException(command.getFirst() + ": " + output.strip());
    }
    return output;
  }
}
