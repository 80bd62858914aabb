package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The alert rules that come along, judged by Prometheus' own tool; ObservabilityIT has the rest.
 */
class ObservabilityTest {
  private static final Path PROMTOOL = Path.of("/usr/bin/promtool");

  @ParameterizedTest
  @CsvSource({
    "check rules, muster-rules.yml",
    "test rules, muster-rules.test.yml",
    "check config, prometheus.yml"
  })
  void promtoolAgrees(String command, String file) throws Exception {
    assumeTrue(Files.isExecutable(PROMTOOL), "no promtool (Debian: prometheus) on this machine");
    List<String> words = new ArrayList<>(List.of(PROMTOOL.toString()));
    words.addAll(List.of(command.split(" ")));
    words.add(file);
    Process process =
        new ProcessBuilder(words)
            .directory(Observability.FOLDER.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    assertThat(said).contains("SUCCESS");
  }

  @Test
  void everyAlertIsTried() throws Exception {
    String tests = Files.readString(Observability.FOLDER.resolve("muster-rules.test.yml"));
    assertThat(Observability.alerts()).hasSizeGreaterThan(8).allMatch(tests::contains);
  }
}
