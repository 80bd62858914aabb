package dev.muster.fleet.compute.ec2;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The emulator in a process of its own; the profile {@code moto} installs it. Without it the tests
 * that need it are skipped, and say so.
 */
public final class MotoServer implements AutoCloseable {
  private static final Path PROGRAM = Path.of("target/moto/bin/moto_server");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final URI url;

  private MotoServer(Process process, URI url) {
    this.process = process;
    this.url = url;
  }

  public static MotoServer start() throws IOException {
    assumeTrue(
        Files.isExecutable(PROGRAM), "moto is not installed: run with -Pmoto, which needs python3");
    int port = freePort();
    Process process =
        new ProcessBuilder(
                PROGRAM.toAbsolutePath().toString(),
                "-H",
                "127.0.0.1",
                "-p",
                Integer.toString(port))
            .redirectErrorStream(true)
            .redirectOutput(Path.of("target/moto.log").toFile())
            .start();
    MotoServer server = new MotoServer(process, URI.create("http://127.0.0.1:" + port));
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!server.answers()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        server.close();
        throw new IOException(
            "moto did not start: " + Files.readString(Path.of("target/moto.log")));
      }
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
    return server;
  }

  public URI url() {
    return url;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private boolean answers() {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) url.resolve("/moto-api/").toURL().openConnection();
      connection.setConnectTimeout(500);
      return connection.getResponseCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
