package dev.muster.cli.bench;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An appliance in a process of its own, as users run it. */
final class ApplianceProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Looking takes the processor from who starts. */
  private static final Duration LOOK = Duration.ofMillis(5);

  /**
   * One that takes less than the kernel's tick of processor time in this time has nothing to do.
   */
  private static final Duration REST = Duration.ofMillis(200);

  private final Process process;
  private final URI publicUrl;
  private final Duration ready;
  private final Path log;

  private ApplianceProcess(Process process, URI publicUrl, Duration ready, Path log) {
    this.process = process;
    this.publicUrl = publicUrl;
    this.ready = ready;
    this.log = log;
  }

  /** Starts it and waits until {@code /readyz} says yes. */
  static ApplianceProcess start(Bench bench, Path home) throws IOException, InterruptedException {
    return start(bench, home, Map.of());
  }

  /** Starts it with these variables; what Muster and OpenTelemetry go by here is left out. */
  static ApplianceProcess start(Bench bench, Path home, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path log = home.resolveSibling(home.getFileName() + ".log");
    int port = freePort();
    List<String> command =
        bench
            .programs()
            .muster(
                "serve",
                "--home",
                home.toString(),
                "--listen",
                "127.0.0.1:" + port,
                "--admin",
                "127.0.0.1:0");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("MUSTER_") || name.startsWith("OTEL_"));
    builder.environment().putAll(environment);
    URI url = URI.create("http://127.0.0.1:" + port);
    long began = System.nanoTime();
    Process process = builder.start();
    while (!answers(url)) {
      if (!process.isAlive() || System.nanoTime() - began > PATIENCE.toNanos()) {
        process.destroyForcibly();
        throw new IOException("The appliance did not start: " + Files.readString(log));
      }
      LockSupport.parkNanos(LOOK.toNanos());
    }
    Duration ready = Duration.ofNanos(System.nanoTime() - began);
    while (!Files.exists(home.resolve("appliance.json")) && process.isAlive()) {
      LockSupport.parkNanos(LOOK.toNanos());
    }
    return new ApplianceProcess(process, url, ready, log);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static boolean answers(URI url) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) url.resolve("/readyz").toURL().openConnection();
      connection.setConnectTimeout(1_000);
      connection.setReadTimeout(2_000);
      return connection.getResponseCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  URI publicUrl() {
    return publicUrl;
  }

  /** From exec to the first yes of {@code /readyz}. */
  Duration ready() {
    return ready;
  }

  /** Resident memory of the process in MiB. */
  long residentMebibytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
      }
    }
    throw new IOException(
        "The kernel does not say how much memory process " + process.pid() + " has");
  }

  /** Processor time that the process took so far. */
  Duration processorTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Waits until what it was given is done, and nothing of it is left for whoever is next. */
  void awaitRest() {
    long began = System.nanoTime();
    Duration before = Duration.ZERO;
    Duration now = processorTime();
    while (now.compareTo(before) > 0 && System.nanoTime() - began < PATIENCE.toNanos()) {
      LockSupport.parkNanos(REST.toNanos());
      before = now;
      now = processorTime();
    }
  }

  /** As {@code kill -9}, so many milliseconds from now. */
  void killAfter(int millis) throws InterruptedException {
    if (process.waitFor(millis, TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("The appliance ended by itself: " + process.exitValue());
    }
    process.destroyForcibly();
  }

  /** Whether it lives, and what it said. */
  String state() throws IOException {
    return (process.isAlive() ? "it runs" : "it ended with " + process.exitValue())
        + "; its output:\n"
        + Files.readString(log);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
