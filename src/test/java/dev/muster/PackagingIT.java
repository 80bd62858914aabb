package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is installed beside the jars, judged by the tools of those who read it. One that is missing
 * here is said in the log, with the reason.
 */
class PackagingIT {
  /** The code for "cannot be checked here". */
  private static final int NOT_CHECKED = 77;

  private record Said(int exitCode, String text) {}

  private static Said checks(String name) throws Exception {
    Process process = new ProcessBuilder("../.ci/checks", name).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Said(process.waitFor(), text.strip());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"shell", "units", "exposure", "powershell", "packer", "cloudformation", "hook"})
  void isUnderstoodByItsReaders(String check) throws Exception {
    Said said = checks(check);
    System.out.println(said.text());
    assumeFalse(said.exitCode() == NOT_CHECKED, said.text());
    assertThat(said.exitCode()).as(said.text()).isZero();
  }

  @Test
  void unknownCheckIsRefused() throws Exception {
    assertThat(checks("nothing").exitCode()).isEqualTo(2);
  }
}
