package dev.muster.agent.windows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.muster.agent.common.Grace;
import dev.muster.agent.common.JobLauncher.RunningJob;
import dev.muster.agent.common.RunnerLog;
import dev.muster.agent.common.VirtualTime;
import dev.muster.agent.protocol.Instruction.Assign;
import dev.muster.agent.protocol.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The host and its channel, really run; Windows' programs are stand-ins that do what Windows would:
 * the task scheduler starts the host, {@code taskkill} ends it with its job.
 */
class TaskLauncherTest {
  private static final String RUNNING = "\"java.exe\",\"4711\",\"Services\",\"0\",\"40,000 K\"";
  private static final String NONE = "INFO: No tasks are running which match the criteria.";

  @TempDir private Path folder;
  private Path home;
  private Path meetingPoint;
  private OwnHosts scheduler;
  private RecordingCommands commands;
  private RunnerLog log;
  private final CompletableFuture<Integer> ended = new CompletableFuture<>();

  @BeforeEach
  void layOut() throws IOException {
    home = Files.createDirectories(folder.resolve("agent"));
    Files.createDirectory(home.resolve("work"));
    meetingPoint = folder.resolve("meeting");
    log = RunnerLog.in(home, shell("true"));
    scheduler = new OwnHosts(folder, OwnHosts.thisJava());
    commands =
        new RecordingCommands()
            .on("net.exe", 0, "")
            .on(
                "schtasks.exe",
                () -> {
                  scheduler.start(meetingPoint.resolve("host.txt"));
                  return new Commands.Result(0, "SUCCESS");
                })
            .on("taskkill.exe", this::killAll)
            .on("tasklist.exe", 0, NONE);
  }

  private Commands.Result killAll() throws IOException {
    try {
      scheduler.endAll();
      return new Commands.Result(0, "SUCCESS");
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @AfterEach
  void endAll() throws InterruptedException {
    scheduler.endAll();
  }

  private TaskLauncher launcher() throws IOException {
    return new TaskLauncher(
        home, new TaskHosts(commands, new VirtualTime(), "runner", meetingPoint));
  }

  private static Assign shell(String script) {
    return new Assign(
        "77",
        "m-77",
        new Secret("the-jit-config"),
        List.of("/bin/sh", "-c", script),
        Map.of("MORE", "this"),
        Duration.ofHours(1),
        new Secret("report-1"));
  }

  private RunningJob start(Assign assign) throws IOException {
    return start(launcher(), assign);
  }

  private RunningJob start(TaskLauncher launcher, Assign assign) throws IOException {
    log = RunnerLog.in(home, assign);
    return launcher.start(assign, log, ended::complete);
  }

  private int code() throws Exception {
    return ended.get(30, TimeUnit.SECONDS);
  }

  @Test
  void taskStartsHostThatRunsTheJobAsOrdered() throws Exception {
    RunningJob job =
        start(shell("echo ${#ACTIONS_RUNNER_INPUT_JITCONFIG} $MORE; pwd; cat; exit 3"));

    assertThat(code()).isEqualTo(3);
    job.terminate(Grace.NONE);
    assertThat(log.tail()).isEqualTo("14 this\n%s\n".formatted(home.resolve("work").toRealPath()));
    assertThat(home.resolve("runner.log")).content().contains("14 this");
    assertThat(meetingPoint).as("the key is gone").isEmptyDirectory();
    assertThat(commands.called())
        .containsExactly(
            "net.exe user runner",
            "schtasks.exe /Run /TN Muster job",
            "taskkill.exe /F /FI USERNAME eq runner",
            "tasklist.exe /FI USERNAME eq runner /FO CSV /NH")
        .noneMatch(line -> line.contains("the-jit-config"));
  }

  @Test
  void jobThatDoesNotHeedIsEndedByForce() throws Exception {
    RunningJob job = start(shell("echo up; sleep 300"));

    job.terminate(new Grace(Duration.ofMillis(50), Duration.ofMillis(50)));

    assertThat(code()).isEqualTo(137);
  }

  @Test
  void endsWithTheLastProcessOfTheUser() throws Exception {
    int[] listed = {0};
    commands.on("tasklist.exe", () -> new Commands.Result(0, ++listed[0] < 3 ? RUNNING : NONE));
    RunningJob job = start(shell("true"));
    assertThat(code()).isZero();

    job.terminate(Grace.NONE);

    assertThat(commands.called()).filteredOn(line -> line.startsWith("taskkill")).hasSize(3);
  }

  @Test
  void programThatIsMissingIsSaid() throws Exception {
    Assign missing =
        new Assign(
            "1",
            "m",
            new Secret("jit"),
            List.of("/no/such/run.cmd"),
            Map.of(),
            Duration.ofHours(1),
            new Secret("t"));

    start(missing);

    assertThat(code()).isEqualTo(127);
    assertThat(log.tail()).contains("/no/such/run.cmd");
  }

  @Test
  void taskThatIsMissingIsSaidWithTheWayOut() throws IOException {
    TaskLauncher launcher = launcher();
    commands.on("schtasks.exe", 1, "ERROR: The system cannot find the file specified.");

    assertThatIOException()
        .isThrownBy(() -> start(launcher, shell("true")))
        .withMessageContaining("Muster job")
        .withMessageContaining("make the image anew");
  }

  @Test
  void userWhomNobodyKnowsIsNamed() {
    commands.on("net.exe", 2, "The user name could not be found.");

    assertThatIOException().isThrownBy(this::launcher).withMessageContaining("runner");
  }

  @Test
  void whoeverDoesNotKnowTheKeyIsSentAway() throws Exception {
    try (HostLink link = HostLink.open(meetingPoint)) {
      List<String> lines = Files.readAllLines(link.file());
      int port = Integer.parseInt(lines.getFirst());
      Socket stranger = new Socket(InetAddress.getLoopbackAddress(), port);
      try (HostChannel forged = new HostChannel(stranger)) {
        forged.sendKey("f".repeat(64));
        Socket host = new Socket(InetAddress.getLoopbackAddress(), port);
        try (HostChannel real = new HostChannel(host)) {
          real.sendKey(lines.get(1));
          HostChannel met = link.await(Duration.ofSeconds(30));
          met.send(new HostChannel.Order(List.of("a"), Map.of(), "/"));
          assertThat(real.readOrder().command()).containsExactly("a");
          assertThat(forged.awaitCancel()).as("closed").isFalse();
          met.close();
        }
      }
    }
  }

  @Test
  void processesThatStayAreAnError() {
    commands.on("tasklist.exe", 0, RUNNING);

    assertThatIOException()
        .isThrownBy(new UserProcesses(commands, new VirtualTime(), "runner")::end)
        .withMessageContaining("still there");
    assertThat(commands.called()).hasSize(40);
  }

  @Test
  void withoutUserTheHostIsOurOwnChild() throws Exception {
    RunningJob job =
        start(new TaskLauncher(home, new OwnHosts(home, OwnHosts.thisJava())), shell("echo here"));

    assertThat(code()).isZero();
    job.terminate(Grace.NONE);
    assertThat(log.tail()).isEqualTo("here\n");
    assertThat(commands.called()).isEmpty();
  }

  @Test
  void archiveOfTheRunnerIsUnpackedForItsUser() throws IOException {
    commands.on("tar.exe", 0, "").on("icacls.exe", 0, "");
    ZipRunnerFiles files = new ZipRunnerFiles(commands);

    files.unpack(Path.of("runner.zip"), Path.of("runner.next"), Optional.of("runner"));

    assertThat(files.platform()).isEqualTo("win-x64");
    assertThat(commands.called())
        .containsExactly(
            "tar.exe -xf runner.zip -C runner.next",
            "icacls.exe runner.next /grant runner:(OI)(CI)M /T /Q");
    commands.on("tar.exe", 1, "tar.exe: Error opening archive");
    assertThatIOException()
        .isThrownBy(() -> files.unpack(Path.of("a.zip"), Path.of("b"), Optional.empty()))
        .withMessageContaining("Error opening archive");
  }

  @Test
  void endIsInTheEventLog() {
    commands.on("eventcreate.exe", 0, "SUCCESS");

    new EventLog(commands).agentEnded(0);
    new EventLog(commands).agentEnded(70);

    assertThat(commands.called())
        .containsExactly(
            "eventcreate.exe /T INFORMATION /L APPLICATION /SO Muster /ID 1 /D"
                + " The runner agent ended with exit code 0; logs\\agent.log says why",
            "eventcreate.exe /T ERROR /L APPLICATION /SO Muster /ID 71 /D"
                + " The runner agent ended with exit code 70; logs\\agent.log says why");
  }
}
