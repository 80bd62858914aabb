package dev.muster.cli;

import dev.muster.kernel.home.Build;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** The command line within this process, in a folder of the test's, with no program beside it. */
final class TestWorld {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final World world;

  TestWorld(Path folder) {
    this.world =
        new World(
            InstantSource.system(),
            Map.of(),
            folder,
            folder,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            new NoPrograms(),
            new Build("test", "unknown", "unknown", "25"));
  }

  World world() {
    return world;
  }

  /** Runs one command; returns its exit code. */
  int run(String... arguments) {
    return MusterCommand.commandLine(world, arguments).execute(arguments);
  }

  /** What commands have printed so far. */
  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  /** What commands have printed as errors so far. */
  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private static final class NoPrograms implements World.Programs {
    @Override
    public List<String> run(String mainClass, String... arguments) {
      return List.of();
    }

    @Override
    public List<String> muster(String... arguments) {
      return List.of();
    }

    @Override
    public List<String> with(Path configFile) {
      return List.of();
    }
  }
}
