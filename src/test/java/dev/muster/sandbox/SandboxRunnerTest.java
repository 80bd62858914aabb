package dev.muster.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxRunnerTest {
  private static final List<String> LABELS = List.of("muster");

  private SandboxGitHub sandbox;
  @TempDir Path folder;

  @BeforeEach
  void start() {
    sandbox =
        SandboxGitHub.start(
            SandboxSettings.DEFAULT, SandboxApp.generate(1), InstantSource.system());
  }

  @AfterEach
  void stop() {
    sandbox.close();
  }

  @Test
  void executesAJobsStepsInItsFolderAndSaysHowItWent() throws Exception {
    SandboxJob job =
        sandbox.queueJob(
            "acme/api",
            LABELS,
            List.of("echo one > result", "cat result; echo to stderr >&2", "echo \"'ä'\""));

    try (SandboxRunnerProcess runner = SandboxRunnerProcess.start(jitConfig(), folder)) {
      assertThat(runner.awaitExit()).isZero();
      assertThat(runner.lines()).contains("one", "to stderr", "'ä'");
    }

    assertThat(Files.readString(folder.resolve("result"))).isEqualTo("one\n");
    assertThat(sandbox.job(job.id()).flatMap(SandboxJob::conclusion)).contains("success");
    assertThat(sandbox.runners()).isEmpty();
  }

  @Test
  void stopsAtTheFirstStepThatFails() throws Exception {
    SandboxJob job =
        sandbox.queueJob("acme/api", LABELS, List.of("false; touch after", "touch next"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    int code =
        new SandboxRunner(jitConfig(), new PrintStream(out, true, StandardCharsets.UTF_8)).run();

    assertThat(code).isZero();
    assertThat(sandbox.job(job.id()).flatMap(SandboxJob::conclusion)).contains("failure");
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("$ false; touch after")
        .doesNotContain("touch next");
  }

  @Test
  void endsAStepWhoseJobIsCancelled() throws Exception {
    SandboxJob job =
        sandbox.queueJob("acme/api", LABELS, List.of("echo started; sleep 300", "touch next"));

    try (SandboxRunnerProcess runner = SandboxRunnerProcess.start(jitConfig(), folder)) {
      runner.awaitLine("started");
      sandbox.cancelJob(job.id());
      assertThat(runner.awaitExit()).isZero();
    }

    assertThat(folder.resolve("next")).doesNotExist();
    assertThat(sandbox.job(job.id()).flatMap(SandboxJob::conclusion)).contains("cancelled");
  }

  @Test
  void refusesAConfigurationThatIsNotTheSandboxs() {
    String real =
        Base64.getEncoder()
            .encodeToString("{\".runner\":\"e30=\"}".getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> new SandboxRunner(real, System.out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("use GitHub's own runner");
  }

  private String jitConfig() {
    return sandbox.registerRunner("repos/acme/api", "r1", LABELS);
  }
}
