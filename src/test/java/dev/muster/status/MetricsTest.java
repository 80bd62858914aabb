package dev.muster.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.fleet.github.Operation;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class MetricsTest {
  private final Metrics metrics = new Metrics();

  @Test
  void countsWhatAStrangerNamesAsOther() throws Exception {
    metrics.answered("github", "recorded", Duration.ofMillis(3));
    metrics.answered("../../etc", "unknown_source", Duration.ofMillis(1));
    assertThat(text())
        .contains("muster_webhook_deliveries_total{outcome=\"recorded\",source=\"github\"} 1.0")
        .contains(
            "muster_webhook_deliveries_total{outcome=\"unknown_source\",source=\"other\"} 1.0")
        .contains("muster_webhook_ack_seconds_count 2")
        .doesNotContain("etc");
  }

  @Test
  void satisfiesPromtool() throws Exception {
    Path promtool = Path.of("/usr/bin/promtool");
    assumeTrue(Files.isExecutable(promtool), "no promtool (Debian: prometheus) on this machine");
    metrics.answered("github", "recorded", Duration.ofMillis(3));
    metrics.reconciled("pool", Duration.ofMillis(5), "Done");
    metrics.called(Operation.READ_JOB, "2xx", Duration.ofMillis(50));
    metrics.remaining("app 1", 4_999);
    metrics.providerCalled("local", "launch", "done");
    metrics.jobStarted("default", true, Duration.ofSeconds(2));
    Process check =
        new ProcessBuilder(promtool.toString(), "check", "metrics")
            .redirectErrorStream(true)
            .start();
    try (var in = check.getOutputStream()) {
      metrics.write(in);
    }
    String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(check.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(said).isEmpty();
    assertThat(check.exitValue()).isZero();
  }

  private String text() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    metrics.write(out);
    return out.toString(StandardCharsets.UTF_8);
  }
}
