package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.tools.GitClient;
import dev.muster.cli.tools.LocalRunners;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.kernel.clock.SystemTimers;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.Running;
import dev.muster.kernel.home.Settings;
import dev.muster.sandbox.JobRequest;
import dev.muster.sandbox.SandboxApp;
import dev.muster.sandbox.SandboxGitHub;
import dev.muster.sandbox.SandboxJob;
import dev.muster.sandbox.SandboxSettings;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a restart of the appliance does to jobs that run, and to jobs that come meanwhile. */
@Timeout(120)
class RestartIT {
  private static final InstantSource CLOCK = InstantSource.system();
  private static final String REPOSITORY = "acme/api";

  @TempDir private Path folder;
  private final SystemTimers timers = new SystemTimers(CLOCK);
  private SandboxGitHub sandbox;
  private Home home;
  private int port;
  private Optional<Appliance> appliance = Optional.empty();

  @BeforeEach
  void prepare() throws Exception {
    home = new Home(folder.resolve("home"));
    home.create();
    SandboxApp app = SandboxApp.generate(1);
    String key = app.privateKeyPem().lines().map(l -> "  " + l).collect(Collectors.joining("\n"));
    String secrets = "app: |\n" + key + "\nhook: \"" + app.webhookSecret() + "\"\n";
    Home.writePrivately(home.secrets(), secrets.getBytes(StandardCharsets.UTF_8));
    sandbox = SandboxGitHub.start(SandboxSettings.DEFAULT, app, CLOCK);
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    start();
    sandbox.sendWebhooksTo(running().running().publicUrl().resolve("/webhooks/github"));
    pushConfig();
  }

  @AfterEach
  void end() throws IOException {
    stop();
    LocalRunners.end(folder);
    timers.close();
    sandbox.close();
  }

  private Appliance running() {
    return appliance.orElseThrow();
  }

  private void start() throws IOException {
    Map<String, String> listen = Map.of("listen", "127.0.0.1:" + port, "admin", "127.0.0.1:0");
    appliance =
        Optional.of(
            Appliance.start(
                home,
                Settings.read(home, listen, Map.of()),
                new Appliance.Surroundings(
                    CLOCK,
                    timers,
                    new SecureRandom(),
                    Map.of(),
                    config ->
                        java("dev.muster.agent.linux.AgentMain", "--config", config.toString()),
                    "test",
                    Map.of())));
  }

  private void stop() {
    appliance.ifPresent(Appliance::close);
    appliance = Optional.empty();
  }

  private static List<String> java(String main, String... arguments) {
    return java.util.stream.Stream.concat(
            java.util.stream.Stream.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx48m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main),
            java.util.stream.Stream.of(arguments))
        .toList();
  }

  private void pushConfig() throws Exception {
    Path runner = Files.createDirectories(folder.resolve("runner")).resolve("run.sh");
    String command =
        java("dev.muster.sandbox.SandboxRunner").stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    Files.writeString(runner, "#!/bin/sh\nexec " + command + "\n");
    Files.setPosixFilePermissions(runner, PosixFilePermissions.fromString("rwx------"));
    Path work = Files.createDirectories(folder.resolve("config"));
    Files.writeString(
        work.resolve("muster.yml"),
        """
        version: "1"
        defaults: { provider: local }
        github:
          api_url: %s
          app: { id: 1, private_key: { secret: app } }
          webhook_secret: { secret: hook }
        runners:
          - { name: here, provider: local, slots: 2, command: [%s] }
        pools:
          - { name: default, runner: here, desired_running: 0 }
        """
            .formatted(sandbox.url(), runner));
    Running running = running().running();
    new GitClient(work, running.token()).publish(running.publicUrl(), "local runners");
  }

  private Job await(SandboxJob job, Predicate<Job> condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (System.nanoTime() < end) {
      Optional<Job> found =
          running().database().read(read -> JobStore.find(read, new JobId(job.id())));
      if (found.isPresent() && condition.test(found.get())) {
        return found.get();
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    throw new AssertionError(timelineOf(job));
  }

  @Test
  void jobThatRunsOutlivesTheApplianceAndEndsTruly() throws Exception {
    Path gate = folder.resolve("gate");
    SandboxJob job =
        sandbox.queueJob(
            REPOSITORY,
            List.of("muster=1/runner=here"),
            List.of("while [ ! -e '" + gate + "' ]; do sleep 0.05; done", "echo through"));
    Job before = await(job, j -> j.state() == JobState.RUNNING);
    stop();
    start();
    Files.createFile(gate);
    Job after = await(job, j -> j.state() == JobState.COMPLETED);
    assertThat(after.conclusion()).contains("success");
    assertThat(after.runner()).as("the same runner").isEqualTo(before.runner());
    assertThat(after.attempts()).isEqualTo(1);
  }

  @Test
  void deliveryThatWasLostWhileItWasDownIsCaughtUpWith() throws Exception {
    SandboxJob first =
        sandbox.queueJob(REPOSITORY, List.of("muster=1/runner=here"), List.of("true"));
    await(first, j -> j.state() == JobState.COMPLETED);
    stop();
    SandboxJob missed =
        sandbox.queueJob(REPOSITORY, List.of("muster=2/runner=here"), List.of("true"));
    sandbox.settle();
    start();
    Job done = await(missed, j -> j.state() == JobState.COMPLETED);
    assertThat(done.conclusion()).contains("success");
  }

  @Test
  void rejectedJobIsReportedOnItsCommitOnceAcrossARestart() throws Exception {
    SandboxJob first = rejectedAndReported("nosuch");
    stop();
    start();
    SandboxJob second = rejectedAndReported("nowhere");
    assertThat(sandbox.checks())
        .extracting(check -> check.externalId().orElseThrow())
        .containsExactly("muster-job-" + first.id(), "muster-job-" + second.id());
    assertThat(sandbox.checks().getFirst().summary()).contains("there is no runner 'nosuch'");
  }

  @Test
  void jobOfAForkIsRefusedWhileTheRepositorysOwnIsServed() throws Exception {
    JobRequest request = new JobRequest("test", List.of("muster=1/runner=here"), List.of("true"));
    SandboxJob fork =
        sandbox.queueForkRun(REPOSITORY, Optional.of("mallory/api"), List.of(request)).getFirst();
    SandboxJob own = sandbox.queueJob(REPOSITORY, List.of("muster=2/runner=here"), List.of("true"));
    Job refused = await(fork, j -> j.state() == JobState.REJECTED);
    assertThat(refused.reason()).hasValueSatisfying(r -> assertThat(r).contains("mallory/api"));
    assertThat(refused.attempts()).as("runners assigned to it").isZero();
    assertThat(await(own, j -> j.state() == JobState.COMPLETED).conclusion()).contains("success");
    assertThat(sandbox.job(fork.id()).orElseThrow().runner()).isEmpty();
  }

  private SandboxJob rejectedAndReported(String runner) {
    SandboxJob job =
        sandbox.queueJob(REPOSITORY, List.of("muster=1/runner=" + runner), List.of("true"));
    await(job, j -> j.state() == JobState.REJECTED && timelineOf(job).contains("event=reported"));
    return job;
  }

  private String timelineOf(SandboxJob job) {
    return running()
        .database()
        .read(read -> JobStore.timeline(read, new JobId(job.id())))
        .toString();
  }

  @Test
  void runnersEndWithTheirJobsAndLeaveNothingAtGitHub() throws Exception {
    SandboxJob job =
        sandbox.queueJob(REPOSITORY, List.of("muster=1/runner=here"), List.of("false"));
    Job done = await(job, j -> j.state() == JobState.COMPLETED);
    assertThat(done.conclusion()).contains("failure");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (System.nanoTime() < end
        && running().database().read(read -> RunnerStore.living(read, 10)).stream()
            .anyMatch(r -> r.state() != RunnerState.TERMINATED)) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    List<Runner> left = running().database().read(read -> RunnerStore.living(read, 10));
    assertThat(left).isEmpty();
    assertThat(sandbox.runners()).isEmpty();
    try (var live = Files.list(home.runners().resolve("live"))) {
      assertThat(live).isEmpty();
    }
  }
}
