package dev.muster.agent.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.muster.agent.common.Agent;
import dev.muster.agent.common.AgentConfig;
import dev.muster.agent.common.AgentResult;
import dev.muster.agent.common.AgentTime;
import dev.muster.agent.common.Grace;
import dev.muster.agent.common.Limits;
import dev.muster.agent.common.Machine;
import dev.muster.agent.common.PrivateFile;
import dev.muster.agent.common.SessionFile;
import dev.muster.agent.common.StubAppliance;
import dev.muster.agent.common.VirtualTime;
import dev.muster.agent.protocol.EnrollRequest;
import dev.muster.agent.protocol.Instruction.Assign;
import dev.muster.agent.protocol.Instruction.Stop;
import dev.muster.agent.protocol.Phase;
import dev.muster.agent.protocol.Report;
import dev.muster.agent.protocol.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentTest {
  private static final Duration LONG = Duration.ofHours(6);
  private static final Limits QUICK =
      new Limits(
          Duration.ofMinutes(15),
          Duration.ofSeconds(10),
          new Grace(Duration.ofMillis(200), Duration.ofMillis(200)),
          Duration.ofMillis(5),
          Duration.ofMillis(20),
          Duration.ofMillis(20));

  /** With time for a job to end in order. */
  private static final Limits PATIENT =
      new Limits(
          QUICK.giveUpAfter(),
          QUICK.finalReportFor(),
          new Grace(Duration.ofSeconds(20), Duration.ofSeconds(5)),
          QUICK.firstRetry(),
          QUICK.longestRetry(),
          QUICK.lookEvery());

  private final StubAppliance appliance = new StubAppliance();
  private final List<String> log = new CopyOnWriteArrayList<>();
  @TempDir Path home;
  private PrivateFile configFile;
  private SessionFile sessions;

  @BeforeEach
  void layOut() throws IOException {
    configFile = new PrivateFile(home.resolve("agent.json"));
    sessions = new SessionFile(new PrivateFile(home.resolve("session.json")));
    configFile.write(
        Map.of(
            "url", "http://127.0.0.1:1",
            "launch", "l-1",
            "secret", "launch-secret",
            "identity", "signed-by-the-provider",
            "instance", "i-1",
            "home", home.toString(),
            "hardDeadlineSeconds", 60));
  }

  @Test
  void enrolsOnceAndTakesTheLaunchSecretOffTheDisk() throws Exception {
    appliance.instructions.add(new Stop("surplus"));

    AgentResult result = agent(new VirtualTime(), LONG).run();

    assertThat(result).isEqualTo(new AgentResult.Stopped("told to stop: surplus"));
    assertThat(result.exitCode()).isZero();
    assertThat(appliance.enrolled)
        .extracting(EnrollRequest::secret)
        .containsExactly(new Secret("launch-secret"));
    assertThat(appliance.enrolled)
        .extracting(EnrollRequest::identity)
        .containsExactly("signed-by-the-provider");
    assertThat(Files.readString(configFile.path()))
        .doesNotContain("launch-secret", "signed-by-the-provider");
    assertThat(sessions.load()).as("forgotten at the end").isEmpty();
  }

  @Test
  void rotatesItsSessionAtEveryStart() throws Exception {
    sessions.save(new Secret("from-before"));
    appliance.instructions.add(new Stop("surplus"));

    agent(new VirtualTime(), LONG).run();

    assertThat(appliance.rotated).containsExactly(new Secret("from-before"));
    assertThat(appliance.enrolled).isEmpty();
    assertThat(appliance.heard.remove().bearer()).isEqualTo(new Secret("session-1"));
  }

  @Test
  void enrolsWhenItsSessionIsUnknownAndItStillHasTheSecret() throws Exception {
    sessions.save(new Secret("from-before"));
    appliance.refuseSessions = 401;
    appliance.instructions.add(new Stop("surplus"));

    assertThat(agent(new VirtualTime(), LONG).run()).isInstanceOf(AgentResult.Stopped.class);
    assertThat(appliance.enrolled).hasSize(1);
  }

  @Test
  void endsWhenItsSessionIsUnknownAndTheSecretIsSpent() throws Exception {
    AgentConfig.forgetSecret(configFile);
    sessions.save(new Secret("from-before"));
    appliance.refuseSessions = 401;

    assertThat(agent(new VirtualTime(), LONG).run()).isInstanceOf(AgentResult.Stopped.class);
    assertThat(appliance.enrolled).isEmpty();
  }

  @Test
  void saysThatItHasNothingToEnrolWith() throws Exception {
    AgentConfig.forgetSecret(configFile);

    AgentResult result = agent(new VirtualTime(), LONG).run();

    assertThat(result).isInstanceOf(AgentResult.NoCredential.class);
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  void endsWithAnErrorWhenItsEnrolmentIsRefused() throws Exception {
    appliance.refuseEnrolment = 401;

    assertThat(agent(new VirtualTime(), LONG).run())
        .isEqualTo(new AgentResult.Rejected("enrolment: answered 401"));
  }

  @Test
  void givesUpCleanlyWhenTheApplianceNeverComesBack() throws Exception {
    appliance.away = true;
    VirtualTime time = new VirtualTime();

    AgentResult result = agent(time, LONG).run();

    assertThat(result).isInstanceOf(AgentResult.GaveUp.class);
    assertThat(result.exitCode()).isZero();
    assertThat(time.elapsed())
        .isBetween(QUICK.giveUpAfter(), QUICK.giveUpAfter().plus(QUICK.longestRetry()));
  }

  @Test
  void endsAtTheHardDeadlineWithoutAnAssignment() throws Exception {
    VirtualTime time = new VirtualTime();

    assertThat(agent(time, Duration.ofMinutes(30)).run()).isInstanceOf(AgentResult.Stopped.class);
    assertThat(time.elapsed()).isGreaterThanOrEqualTo(Duration.ofMinutes(30));
  }

  @Test
  void runsOneJobWithItsConfigurationInTheEnvironment() throws Exception {
    appliance.instructions.add(
        shell(
            "echo jit=$ACTIONS_RUNNER_INPUT_JITCONFIG ${#ACTIONS_RUNNER_INPUT_JITCONFIG} more=$MORE; pwd; exit 3"));

    AgentResult result = agent(AgentTime.system(), LONG).run();

    assertThat(result.exitCode()).isZero();
    List<Report> reports = appliance.hear(Phase.FINISHED);
    assertThat(reports)
        .extracting(Report::phase)
        .containsExactly(Phase.READY, Phase.STARTING, Phase.RUNNING, Phase.FINISHED);
    assertThat(reports).extracting(Report::seq).isSorted().doesNotHaveDuplicates();
    assertThat(reports.getLast().exitCode()).isEqualTo(3);
    assertThat(reports.getLast().log())
        .contains("jit=*** 14 more=this", home.resolve("work").toString());
    assertThat(sessions.load()).isEmpty();
  }

  @Test
  void worksOnWhileTheApplianceIsAwayAndReportsAllOfItAfterwards() throws Exception {
    appliance.leavesBefore = Phase.RUNNING;
    Path done = home.resolve("done");
    appliance.instructions.add(shell("echo worked; touch " + done));

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<AgentResult> result = threads.submit(() -> agent(AgentTime.system(), LONG).run());
      appliance.hear(Phase.STARTING);
      await(() -> appliance.away && Files.exists(done));
      appliance.away = false;

      assertThat(result.get()).isInstanceOf(AgentResult.JobDone.class);
    }

    List<Report> late = appliance.hear(Phase.FINISHED);
    assertThat(late).extracting(Report::phase).containsExactly(Phase.RUNNING, Phase.FINISHED);
    assertThat(late.getLast().log()).contains("worked");
  }

  @Test
  void killsEveryProcessOfTheJobAtTheHardDeadline() throws Exception {
    // Both ignore TERM; the inner one is in a process group of its own.
    appliance.instructions.add(
        assign(
            "/bin/bash",
            "-c",
            "trap '' TERM; echo $$ > outer;"
                + " set -m; sh -c 'trap \"\" TERM; echo $$ > inner; while :; do sleep 1; done' &"
                + " while :; do sleep 1; done"));

    AgentResult result = agent(AgentTime.system(), Duration.ofSeconds(1)).run();

    assertThat(result).isInstanceOf(AgentResult.JobDone.class);
    List<Report> reports = appliance.hear(Phase.FINISHED);
    assertThat(reports)
        .filteredOn(report -> report.phase() == Phase.STOPPING)
        .singleElement()
        .extracting(Report::detail)
        .isEqualTo("the machine's hard deadline has come");
    assertThat(reports.getLast().exitCode()).isEqualTo(137);
    assertThat(running("outer")).isFalse();
    assertThat(running("inner")).isFalse();
  }

  @Test
  void saysThatTheMachineGoesAndEndsTheJob() throws Exception {
    appliance.instructions.add(shell("sleep 300"));
    Agent agent = agent(AgentTime.system(), LONG);
    assertThat(agent.interrupt("nothing runs yet")).isFalse();

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<AgentResult> result = threads.submit(agent::run);
      appliance.hear(Phase.RUNNING);

      assertThat(agent.interrupt("spot")).isTrue();

      assertThat(result.get()).isInstanceOf(AgentResult.JobDone.class);
    }
    assertThat(appliance.hear(Phase.FINISHED))
        .extracting(Report::phase)
        .containsExactly(Phase.INTERRUPTED, Phase.FINISHED);
  }

  @Test
  void githubsRunnerIsAskedToCancelBeforeAnythingIsEnded() throws Exception {
    // INT is ignored in whatever a background job of a shell starts, which a test may be.
    // As GitHub's: scripts around a listener, which alone heeds INT and then ends its worker.
    Path listener = home.resolve("Runner.Listener");
    Files.writeString(
        listener,
        """
        #!/bin/bash
        trap 'echo cancelled; exit 0' INT
        trap 'echo told to end; exit 1' TERM
        echo listening
        touch %s
        while :; do sleep 0.1; done
        """
            .formatted(home.resolve("up")));
    Files.setPosixFilePermissions(listener, PosixFilePermissions.fromString("rwxr-xr-x"));
    appliance.instructions.add(shell("env --default-signal=INT " + listener + "; echo after"));
    Agent agent = agent(AgentTime.system(), LONG, PATIENT);

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<AgentResult> result = threads.submit(agent::run);
      appliance.hear(Phase.RUNNING);
      await(() -> Files.exists(home.resolve("up")));

      assertThat(agent.interrupt("spot")).isTrue();

      assertThat(result.get()).isInstanceOf(AgentResult.JobDone.class);
    }
    Report finished = appliance.hear(Phase.FINISHED).getLast();
    assertThat(finished.log()).isEqualTo("listening\ncancelled\nafter\n");
    assertThat(finished.exitCode()).isZero();
  }

  @Test
  void archiveOfTheRunnerIsUnpackedWhole() throws Exception {
    Path release = Files.createDirectories(home.resolve("release/bin"));
    Files.writeString(release.resolve("Runner.Listener"), "a program");
    Path archive = home.resolve("runner.tar.gz");
    int packed =
        new ProcessBuilder("tar", "-czf", archive.toString(), "-C", home + "/release", ".")
            .start()
            .waitFor();
    assertThat(packed).isZero();
    Path unpacked = Files.createDirectory(home.resolve("unpacked"));

    new TarRunnerFiles("amd64").unpack(archive, unpacked, Optional.empty());

    assertThat(unpacked.resolve("bin/Runner.Listener")).hasContent("a program");
    Files.writeString(archive, "no archive");
    assertThatIOException()
        .isThrownBy(() -> new TarRunnerFiles("amd64").unpack(archive, unpacked, Optional.empty()))
        .withMessageContaining("tar ended with");
  }

  @Test
  void saysThatACommandCannotBeStarted() throws Exception {
    appliance.instructions.add(assign("/no/such/run.sh"));

    agent(AgentTime.system(), LONG).run();

    assertThat(appliance.hear(Phase.FAILED).getLast().detail())
        .contains("/no/such/run.sh is not an executable file");
  }

  @Test
  void showsNoCredentialInItsLog() throws Exception {
    appliance.instructions.add(shell("true"));

    AgentResult result = agent(AgentTime.system(), LONG).run();

    log.add(result.message());
    assertThat(log)
        .isNotEmpty()
        .allSatisfy(line ->
            assertThat(line)
                .doesNotContain("launch-secret", "session-1", "the-jit-config", "report-1"));
  }

  private Agent agent(AgentTime time, Duration hardDeadline) throws IOException {
    return agent(time, hardDeadline, QUICK);
  }

  private Agent agent(AgentTime time, Duration hardDeadline, Limits limits) throws IOException {
    AgentConfig read = AgentConfig.read(configFile);
    AgentConfig config =
        new AgentConfig(
            read.url(),
            read.launch(),
            read.secret(),
            read.instance(),
            home,
            hardDeadline,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            read.identity());
    return new Agent(
        config,
        configFile,
        sessions,
        new Agent.Surroundings(
            new Machine("boot-1", "linux", "amd64", "test"),
            appliance,
            new SetsidLauncher(home, time, Optional.empty()),
            new TarRunnerFiles("amd64"),
            time,
            new Random(1),
            limits,
            log::add));
  }

  private static Assign shell(String script) {
    return assign("/bin/sh", "-c", script);
  }

  private static Assign assign(String... command) {
    return new Assign(
        "77",
        "m-77",
        new Secret("the-jit-config"),
        List.of(command),
        Map.of("MORE", "this"),
        LONG,
        new Secret("report-1"));
  }

  /** Whether a job's process, whose pid is in this file, is there and no zombie. */
  private boolean running(String pidFile) throws IOException {
    String pid = Files.readString(home.resolve("work").resolve(pidFile)).strip();
    try {
      String stat = Files.readString(Path.of("/proc", pid, "stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Condition condition) throws IOException {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }
}
