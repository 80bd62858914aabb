package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.supervision.DatagramSocketFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The image's {@code muster serve}, as systemd starts it: with a socket that it listens at. */
@Timeout(120)
class NotifyIT {
  private static final Path MUSTER = Path.of("target", "muster", "bin", "muster").toAbsolutePath();

  @TempDir private Path folder;

  @Test
  void serveTellsSystemdWhenItServesLivesAndStops() throws Exception {
    String address = folder.resolve("notify").toString();
    try (DatagramSocketFile systemd = new DatagramSocketFile(address)) {
      Path err = folder.resolve("stderr");
      ProcessBuilder builder =
          new ProcessBuilder(
                  List.of(
                      MUSTER.toString(),
                      "serve",
                      "--home",
                      folder.resolve("home").toString(),
                      "--listen",
                      "127.0.0.1:0",
                      "--admin",
                      "127.0.0.1:0"))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(err.toFile());
      builder.environment().put("NOTIFY_SOCKET", address);
      builder.environment().put("WATCHDOG_USEC", "900000");
      Process process = builder.start();
      try {
        assertThat(systemd.receiveUntil(said -> said.contains("READY=1")).getLast())
            .contains("STATUS=Ready; status page http://127.0.0.1:");
        assertThat(folder.resolve("home").resolve("appliance.json")).exists();
        assertThat(systemd.receive()).isEqualTo("WATCHDOG=1");
        process.destroy();
        assertThat(systemd.receiveUntil(said -> said.contains("STOPPING=1"))).isNotEmpty();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("SuccessExitStatus of the unit").isEqualTo(143);
      } finally {
        process.destroyForcibly().waitFor();
      }
      assertThat(Files.readString(err))
          .as("native access is allowed by the launcher")
          .doesNotContain("WARNING", "restricted");
    }
  }
}
