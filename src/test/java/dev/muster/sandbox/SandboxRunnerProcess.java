package dev.muster.sandbox;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link SandboxRunner} as a process of its own. */
public final class SandboxRunnerProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;
  private final List<String> lines = new ArrayList<>();

  private SandboxRunnerProcess(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  public static SandboxRunnerProcess start(String jitConfig, Path folder) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            SandboxRunner.class.getName());
    builder.environment().put(SandboxRunner.JIT_VARIABLE, jitConfig);
    return new SandboxRunnerProcess(
        builder.directory(folder.toFile()).redirectErrorStream(true).start());
  }

  /** Reads until a line holds {@code part}; fails when the output ends before. */
  public void awaitLine(String part) throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
      if (line.contains(part)) {
        return;
      }
    }
    throw new AssertionError("The runner ended without saying '" + part + "': " + lines);
  }

  /** Its exit code, after all of its output was read. */
  public int awaitExit() throws IOException, InterruptedException {
    output.lines().forEach(lines::add);
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      throw new AssertionError("The runner does not end: " + lines);
    }
    return process.exitValue();
  }

  public List<String> lines() {
    return lines;
  }

  @Override
  public void close() throws IOException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    output.close();
  }
}
