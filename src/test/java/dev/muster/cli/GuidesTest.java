package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.muster.kernel.home.Build;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Every command that a guide shows is one that the command line takes. */
class GuidesTest {
  @ParameterizedTest
  @ValueSource(strings = {"../README.md", "../docs/operating.md", "../docs/configuration.md"})
  void commandsOfGuidesAreTaken(String guide) throws IOException {
    for (String line : commands(Path.of(guide))) {
      String[] arguments =
          line.replaceFirst("\\s+#.*", "").substring("muster ".length()).split(" +");
      assertThatCode(() -> commandLine().parseArgs(arguments)).as(line).doesNotThrowAnyException();
    }
  }

  @org.junit.jupiter.api.Test
  void operatingGuideShowsCommands() throws IOException {
    assertThat(commands(Path.of("../docs/operating.md"))).hasSizeGreaterThan(15);
  }

  private static List<String> commands(Path guide) throws IOException {
    List<String> commands = new ArrayList<>();
    boolean shell = false;
    for (String line : Files.readAllLines(guide)) {
      if (line.startsWith("```")) {
        shell = line.equals("```sh");
      } else if (shell && line.startsWith("muster ")) {
        commands.add(line);
      }
    }
    return commands;
  }

  private static CommandLine commandLine() {
    World.Programs nothing =
        new World.Programs() {
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
        };
    return MusterCommand.commandLine(
        new World(
            InstantSource.system(),
            Map.of(),
            Path.of("."),
            Path.of("."),
            new PrintStream(PrintStream.nullOutputStream()),
            new PrintStream(PrintStream.nullOutputStream()),
            nothing,
            new Build("test", "unknown", "unknown", "25")));
  }
}
