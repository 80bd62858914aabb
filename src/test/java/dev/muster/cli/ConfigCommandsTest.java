package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.CommandLineFixture.Said;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a push refuses, {@code validate} and {@code plan} refuse, before anything is asked. */
class ConfigCommandsTest {
  @TempDir private Path folder;

  @BeforeEach
  void write() throws Exception {
    Files.writeString(folder.resolve("muster.yml"), "version: \"1\"\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"validate", "plan"})
  void linkedFileIsRefused(String command) throws Exception {
    Path parts = Files.createDirectory(folder.resolve("muster.d"));
    Files.createSymbolicLink(parts.resolve("a.yml"), Path.of("..", "muster.yml"));
    Said said = CommandLineFixture.muster(folder, command);
    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.out()).contains("muster.d/a.yml:0:0: error: it is a symbolic link");
  }

  @ParameterizedTest
  @ValueSource(strings = {"validate", "plan"})
  void linkedFolderIsRefused(String command) throws Exception {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.createSymbolicLink(folder.resolve("muster.d"), elsewhere);
    Said said = CommandLineFixture.muster(folder, command);
    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.out()).contains("muster.d:0:0: error: it is a symbolic link");
  }

  @ParameterizedTest
  @ValueSource(strings = {"validate", "plan"})
  void fileThatIsNoTextIsRefused(String command) throws Exception {
    Files.write(
        folder.resolve("muster.yml"),
        "version: \"1\" # caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    Said said = CommandLineFixture.muster(folder, command);
    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.out()).contains("the file is not UTF-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"validate", "plan"})
  void fileThatIsTooLargeIsRefusedUnread(String command) throws Exception {
    Files.write(folder.resolve("muster.yml"), new byte[(1 << 20) + 1]);
    Said said = CommandLineFixture.muster(folder, command);
    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.out())
        .contains("muster.yml:0:0: error: the file has more than 1 MiB")
        .hasLineCount(1);
  }

  /** Whoever names a file means what it leads to. */
  @Test
  void linkThatIsNamedIsFollowed() throws Exception {
    Files.createSymbolicLink(folder.resolve("link.yml"), folder.resolve("muster.yml"));
    assertThat(CommandLineFixture.muster(folder, "validate", "link.yml").exitCode()).isZero();
  }
}
