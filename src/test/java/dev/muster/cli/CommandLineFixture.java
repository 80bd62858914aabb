package dev.muster.cli;

import dev.muster.kernel.home.Build;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** {@code muster} within the test's own process. */
final class CommandLineFixture {
  /** What a command said, and how it ended. */
  record Said(int exitCode, String out, String err) {}

  private CommandLineFixture() {}

  /**
   * Runs a command.
   *
   * @param folder in which it runs
   */
  static Said muster(Path folder, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode = MusterCommand.commandLine(world(folder, out, err), arguments).execute(arguments);
    return new Said(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** A world where nothing is but a folder. */
  static World world(Path folder, OutputStream out, OutputStream err) {
    return new World(
        InstantSource.system(),
        Map.of(),
        folder,
        folder,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        new NoPrograms(),
        new Build("test", "unknown", "unknown", "25"));
  }

  private static final class NoPrograms implements World.Programs {
    @Override
    public List<String> run(String mainClass, String... arguments) {
      throw new AssertionError("No program is to be run");
    }

    @Override
    public List<String> muster(String... arguments) {
      throw new AssertionError("No program is to be run");
    }

    @Override
    public List<String> with(Path configFile) {
      throw new AssertionError("No program is to be run");
    }
  }
}
