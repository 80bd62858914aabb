package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is installed beside the jars, judged by the tools of those who read it. */
class PackagingTest {
  @TempDir private Path folder;

  private static boolean installed(String program) {
    return java.util.stream.Stream.of("/usr/bin", "/usr/local/bin", "/bin")
        .anyMatch(bin -> Files.isExecutable(Path.of(bin, program)));
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  @ParameterizedTest
  @ValueSource(strings = {"../.ci/run", "main/launcher/muster", "main/deb/control/postinst"})
  void scriptsAreClean(String script) throws Exception {
    assumeTrue(installed("shellcheck"), "shellcheck is not installed");
    run("shellcheck", script);
  }

  @Test
  void unitIsUnderstoodBySystemd() throws Exception {
    assumeTrue(installed("systemd-analyze"), "systemd-analyze is not installed");
    // What it starts is not installed here, and the user is made when it is.
    String unit =
        Files.readString(Path.of("../systemd/muster.service"))
            .replace("/opt/muster/bin/muster", "/bin/true")
            .replace("User=muster", "User=root")
            .replace("Group=muster", "Group=root");
    Path copy = Files.writeString(folder.resolve("muster.service"), unit);
    assertThat(run("systemd-analyze", "verify", "--man=no", copy.toString()).lines())
        .filteredOn(line -> line.contains("muster.service"))
        .isEqualTo(List.of());
  }
}
