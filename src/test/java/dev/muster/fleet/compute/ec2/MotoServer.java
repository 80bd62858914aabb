package dev.muster.fleet.compute.ec2;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.fixture.Emulator;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The emulator in a process of its own; the profile {@code moto} installs it. Without it the tests
 * that need it are skipped, and say so.
 */
public final class MotoServer implements AutoCloseable {
  private static final Path PROGRAM = Path.of("target/moto/bin/moto_server");

  private final Emulator emulator;

  private MotoServer(Emulator emulator) {
    this.emulator = emulator;
  }

  public static MotoServer start() throws IOException {
    assumeTrue(
        Files.isExecutable(PROGRAM), "moto is not installed: run with -Pmoto, which needs python3");
    return new MotoServer(
        Emulator.start(
            "moto",
            port ->
                List.of(
                    PROGRAM.toAbsolutePath().toString(),
                    "-H",
                    "127.0.0.1",
                    "-p",
                    Integer.toString(port))));
  }

  public URI url() {
    return emulator.url();
  }

  @Override
  public void close() {
    emulator.close();
  }
}
