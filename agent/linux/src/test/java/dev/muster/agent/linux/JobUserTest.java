package dev.muster.agent.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.agent.common.AgentProgram;
import dev.muster.agent.common.AgentTime;
import dev.muster.agent.common.Grace;
import dev.muster.agent.common.JobLauncher;
import dev.muster.agent.common.PrivateFile;
import dev.muster.agent.common.RunnerLog;
import dev.muster.agent.protocol.Instruction.Assign;
import dev.muster.agent.protocol.Secret;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs as a user of their own, which every Linux has one for: nobody. */
class JobUserTest {
  private static final String OTHER = "nobody";

  @TempDir private Path home;

  private record Said(int exitCode, String text) {}

  private static Said agent(String... args) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int code =
        new AgentProgram(new LinuxPlatform(), new PrintStream(bytes, true, StandardCharsets.UTF_8))
            .run(args);
    return new Said(code, bytes.toString(StandardCharsets.UTF_8));
  }

  private static void requireRoot() {
    assumeTrue(
        System.getProperty("user.name").equals("root"),
        "only root may run a job as another user, and this test does not run as root");
  }

  @Test
  void jobRunsAsItsUserWithoutTheAgentsFiles() throws Exception {
    requireRoot();
    new PrivateFile(home.resolve("agent.json")).write(Map.of("secret", "launch-secret"));
    String script = "id -un; id -Gn; echo $HOME $USER; cat %s/agent.json".formatted(home);
    Assign assign =
        new Assign(
            "1",
            "m-1",
            new Secret("jit"),
            List.of("/bin/sh", "-c", script + "; echo $ACTIONS_RUNNER_INPUT_JITCONFIG"),
            Map.of(),
            Duration.ofMinutes(1),
            new Secret("token"));
    CompletableFuture<Integer> ended = new CompletableFuture<>();
    RunnerLog log = RunnerLog.in(home, assign);
    JobLauncher.RunningJob job =
        new SetsidLauncher(home, AgentTime.system(), Optional.of(JobUser.named(OTHER)))
            .start(assign, log, ended::complete);
    int code = ended.get(30, TimeUnit.SECONDS);
    job.terminate(Grace.NONE);
    assertThat(code).as(log.tail()).isZero();
    List<String> lines = log.tail().lines().toList();
    assertThat(lines.get(0)).isEqualTo(OTHER);
    assertThat(lines.get(1)).doesNotContain("root");
    assertThat(lines.get(2)).isEqualTo(JobUser.named(OTHER).home() + " " + OTHER);
    assertThat(lines.get(3)).contains("Permission denied");
    assertThat(lines.getLast()).isEqualTo("jit");
    assertThat(log.tail()).doesNotContain("launch-secret");
  }

  @Test
  void userWhomNobodyKnowsIsNamed() throws Exception {
    assertThatIOException()
        .isThrownBy(() -> JobUser.named("no-such-user"))
        .withMessageContaining("no-such-user");
    PrivateFile config = new PrivateFile(home.resolve("agent.json"));
    config.write(
        Map.of(
            "url", "http://127.0.0.1:1",
            "launch", "l-1",
            "secret", "launch-secret",
            "instance", "i-1",
            "home", home.toString(),
            "hardDeadlineSeconds", 60,
            "user", "no-such-user"));
    Said said = agent("--config", config.path().toString());
    assertThat(said.exitCode()).isEqualTo(2);
    assertThat(said.text()).contains("no-such-user").doesNotContain("launch-secret");
  }

  @Test
  void selfTestRunsJobAndSaysWhatItFound() throws IOException {
    Said said = agent("--self-test");
    assertThat(said.exitCode()).as(said.text()).isZero();
    assertThat(said.text()).contains("self-test passed").contains("TLSv1.3");
    try (var left = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      assertThat(left).noneMatch(f -> f.getFileName().toString().startsWith("muster-self-test-"));
    }
  }

  @Test
  void selfTestRunsJobAsItsUser() {
    requireRoot();
    Said said = agent("--self-test", "--user", OTHER);
    assertThat(said.exitCode()).as(said.text()).isZero();
    assertThat(said.text()).contains("jobs as " + OTHER);
  }

  @Test
  void selfTestFailsWithoutTheUser() {
    Said said = agent("--self-test", "--user", "no-such-user");
    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.text()).contains("self-test failed").contains("no-such-user");
  }

  @Test
  void wrongUseIsSaid() {
    assertThat(agent("--self-test", "--user").exitCode()).isEqualTo(2);
    assertThat(agent().text()).startsWith("usage:");
  }
}
