package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What can be said of the guides without doing what they say, which {@link GuidesIT} does. */
class GuidesTest {
  static List<Path> guides() throws IOException {
    return Guide.all();
  }

  @ParameterizedTest
  @MethodSource("guides")
  void everyBlockIsRunOrSaysWhyNot(Path file) throws IOException {
    assertThat(Guide.read(file).blocks()).allMatch(Guide.Block::understood);
  }

  @ParameterizedTest
  @MethodSource("guides")
  void commandsAreTaken(Path file) throws IOException {
    for (Guide.Block block : Guide.read(file).blocks()) {
      for (Guide.Command command : block.commands()) {
        if (command.line().startsWith("muster ")) {
          String[] arguments = command.line().substring("muster ".length()).split(" +");
          assertThatCode(() -> commandLine().parseArgs(arguments))
              .as(command.line())
              .doesNotThrowAnyException();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"../README.md", "../docs/operating.md", "../docs/configuration.md"})
  void guidesAreReadAsTheyAreMeant(String file) throws IOException {
    List<Guide.Block> run = Guide.read(Path.of(file)).blocks();
    assertThat(run.stream().filter(Guide.Block::run)).hasSizeGreaterThan(3);
    assertThat(run).anyMatch(block -> !block.run());
  }

  @Test
  void operatingGuideShowsCommands() throws IOException {
    assertThat(Guide.read(Path.of("../docs/operating.md")).blocks())
        .flatExtracting(Guide.Block::commands)
        .hasSizeGreaterThan(15);
  }

  private static CommandLine commandLine() {
    return MusterCommand.commandLine(
        CommandLineFixture.world(
            Path.of("."), OutputStream.nullOutputStream(), OutputStream.nullOutputStream()));
  }
}
