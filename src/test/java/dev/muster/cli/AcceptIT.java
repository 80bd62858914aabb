package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Appliance;
import dev.muster.Surroundings;
import dev.muster.cli.tools.LocalRunners;
import dev.muster.fixture.Configs;
import dev.muster.fixture.TestPrograms;
import dev.muster.fleet.acceptance.AcceptanceWorkflow;
import dev.muster.kernel.clock.SystemTimers;
import dev.muster.kernel.home.Build;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.Running;
import dev.muster.kernel.home.Settings;
import dev.muster.sandbox.JobRequest;
import dev.muster.sandbox.SandboxApp;
import dev.muster.sandbox.SandboxGitHub;
import dev.muster.sandbox.SandboxSettings;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** An acceptance of a whole appliance: real processes as runners, the sandbox as GitHub. */
@Timeout(180)
@Execution(ExecutionMode.CONCURRENT)
class AcceptIT {
  private static final InstantSource CLOCK = InstantSource.system();
  private static final String REPOSITORY = "acme/api";

  /** A job whose runner has gone is given up soon. */
  private static final SandboxSettings GITHUB =
      new SandboxSettings(
          0,
          Set.of(),
          Set.of(),
          Set.of(),
          Set.of(),
          Duration.ofMinutes(5),
          Duration.ofSeconds(5),
          Duration.ZERO,
          5_000,
          Duration.ofSeconds(10));

  private record Said(int exitCode, String out, String err) {}

  @TempDir private Path folder;
  private final SystemTimers timers = new SystemTimers(CLOCK);
  private SandboxGitHub sandbox;
  private Home home;
  private Appliance appliance;

  @BeforeEach
  void start() throws Exception {
    SandboxApp app = SandboxApp.generate(1);
    home = TestPrograms.home(folder.resolve("home"), app);
    sandbox = SandboxGitHub.start(GITHUB, app, CLOCK);
    Map<String, String> listen = Map.of("listen", "127.0.0.1:0", "admin", "127.0.0.1:0");
    appliance =
        Appliance.start(
            home,
            Settings.read(home, listen, Map.of()),
            new Surroundings(
                CLOCK,
                timers,
                new SecureRandom(),
                Map.of(),
                TestPrograms::agent,
                "test",
                Map.of()));
    Running running = appliance.running();
    sandbox.sendWebhooksTo(running.publicUrl().resolve("/webhooks/github"));
    Configs.publish(appliance, config());
  }

  @AfterEach
  void end() throws Exception {
    appliance.close();
    LocalRunners.end(folder);
    timers.close();
    sandbox.close();
  }

  private Path config() throws Exception {
    Path runner = TestPrograms.runner(folder);
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
    return work;
  }

  /** Only the first run of the long job is long: that one is to be interrupted. */
  private void pushWorkflow() {
    Path begun = folder.resolve("begun");
    sandbox.addWorkflow(
        REPOSITORY,
        AcceptanceWorkflow.FILE,
        inputs -> {
          int seconds = Integer.parseInt(inputs.getOrDefault("seconds", "?"));
          String step =
              seconds < 60
                  ? "true"
                  : "[ -e '%s' ] || { touch '%s'; sleep %d; }".formatted(begun, begun, seconds);
          return List.of(
              new JobRequest(
                  "accept", List.of(inputs.getOrDefault("runs_on", "?")), List.of(step)));
        });
  }

  private Said muster(String... more) {
    List<String> arguments = new ArrayList<>(List.of("accept", "--home", home.root().toString()));
    arguments.addAll(List.of(more));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    World world =
        new World(
            CLOCK,
            Map.of(),
            folder,
            folder,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            new NoPrograms(),
            new Build("test", "unknown", "unknown", "25"));
    String[] line = arguments.toArray(String[]::new);
    int code = MusterCommand.commandLine(world, line).execute(line);
    return new Said(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void applianceThatWorksIsAccepted() {
    pushWorkflow();
    Said said = muster("--repository", REPOSITORY, "--pool", "default", "--yes");
    assertThat(said.exitCode()).as(said.out() + said.err()).isZero();
    assertThat(said.out())
        .contains("up to 4 machines of at most 30 minutes each, at most $0.00")
        .contains("doctor passed: every check of muster doctor holds")
        .containsPattern("cold passed: job \\d+ ran on the new machine \\S+: started after \\d+ s")
        .contains("warm skipped: provider local stops no machines")
        .containsPattern("interrupt passed: job \\d+ lost machine \\S+ and was rerun as job \\d+")
        .contains("clean-up passed: 3 jobs and 3 machines have ended")
        .containsPattern("Acceptance accept-[0-9a-f]{8} passed");
    assertThat(sandbox.runners()).isEmpty();
    assertThat(home.runners().resolve("live")).isEmptyDirectory();
  }

  @Test
  void repositoryWithoutTheWorkflowIsToldHowToGetIt() {
    Said said = muster("--repository", REPOSITORY, "--pool", "default", "--yes");
    assertThat(said.exitCode()).isEqualTo(Failure.NO);
    assertThat(said.err())
        .contains(".github/workflows/muster-accept.yml", "config-examples/accept");
  }

  @Test
  void nothingIsSpentUnasked() {
    pushWorkflow();
    Said said = muster("--repository", REPOSITORY, "--pool", "default");
    assertThat(said.exitCode()).isEqualTo(Failure.NO);
    assertThat(said.err()).contains("Nothing was begun", "--yes");
    assertThat(said.out()).contains("up to 4 machines");
    assertThat(sandbox.deliveries()).isEmpty();
  }

  @Test
  void wrongUseAndMissingPoolsAreToldApart() {
    assertThat(muster("--os", "linux").exitCode()).isEqualTo(Failure.UNUSABLE);
    assertThat(muster("--repository", "api", "--pool", "default").exitCode())
        .isEqualTo(Failure.UNUSABLE);
    Said said = muster("--repository", REPOSITORY, "--os", "windows");
    assertThat(said.exitCode()).isEqualTo(Failure.NO);
    assertThat(said.err()).contains("no pool of EC2 with windows runners");
  }

  /** Nothing is started by this command. */
  private static final class NoPrograms implements World.Programs {
    @Override
    public List<String> run(String mainClass, String... arguments) {
      throw new AssertionError(mainClass);
    }

    @Override
    public List<String> muster(String... arguments) {
      throw new AssertionError(List.of(arguments));
    }

    @Override
    public List<String> with(Path config) {
      throw new AssertionError(config);
    }
  }
}
