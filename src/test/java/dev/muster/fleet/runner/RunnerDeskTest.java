package dev.muster.fleet.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.protocol.AgentApi;
import dev.muster.agent.protocol.EnrollRequest;
import dev.muster.agent.protocol.LogChunk;
import dev.muster.agent.protocol.Phase;
import dev.muster.agent.protocol.Report;
import dev.muster.agent.protocol.RunnerRelease;
import dev.muster.agent.protocol.Secret;
import dev.muster.agent.protocol.SessionRequest;
import dev.muster.agentlink.AgentDesk.Enrolment;
import dev.muster.agentlink.AgentSession;
import dev.muster.fleet.compute.IdentityVerifier.Verdict;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.StoreFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunnerDeskTest {
  private static final LaunchId LAUNCH = new LaunchId("launch-0000000000000001");
  private static final LaunchId OTHER = new LaunchId("launch-0000000000000002");
  private static final RunnerId RUNNER = new RunnerId("muster-000000000001");
  private static final RunnerId NEIGHBOUR = new RunnerId("muster-000000000002");
  private static final Deadlines LIMITS = Deadlines.linux(Duration.ofHours(6));

  @TempDir private Path folder;
  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private final LaunchSecrets secrets = new LaunchSecrets(new byte[32]);
  private @Nullable Verdict verdict;
  @AutoClose private StoreFixture store;
  private RunnerDesk desk;

  @BeforeEach
  void launch() {
    store = StoreFixture.open(folder);
    desk = desk(false);
    add(LAUNCH, RUNNER, "i-1");
    add(OTHER, NEIGHBOUR, "i-2");
  }

  private RunnerDesk desk(boolean identityRequired) {
    return desk(identityRequired, Optional.empty());
  }

  private RunnerDesk desk(boolean identityRequired, Optional<RunnerRelease> release) {
    WorkQueue queue = new WorkQueue();
    return new RunnerDesk(
        store.database(),
        store.writer(),
        queue,
        time,
        new Admissions(
            store.database(),
            time,
            secrets,
            provider -> Optional.ofNullable(verdict).map(v -> (claim, document) -> v),
            identityRequired),
        new Assignments(),
        runner -> LIMITS,
        new InterruptedRunners(
            store.database(), store.writer(), queue, new AuditLog(time), time, runner -> LIMITS),
        release);
  }

  @Test
  void machineOfTheLaunchEnrolsOnceAndItsRunnerIsReady() {
    Enrolment enrolment = enroll(LAUNCH, secrets.of(LAUNCH), "i-1");
    assertThat(enrolment).isInstanceOf(Enrolment.Granted.class);
    assertThat(state()).isEqualTo(RunnerState.READY);
    assertThat(enroll(LAUNCH, secrets.of(LAUNCH), "i-1"))
        .as("a used secret")
        .isInstanceOf(Enrolment.Refused.class);
  }

  @Test
  void forgedForeignUnknownAndExpiredSecretsAreRefused() {
    LaunchId unknown = new LaunchId("launch-0000000000000009");
    refused(enroll(LAUNCH, "forged", "i-1"));
    refused(enroll(LAUNCH, secrets.of(OTHER), "i-1"));
    refused(enroll(LAUNCH, secrets.of(LAUNCH), "i-2"));
    refused(enroll(LAUNCH, secrets.of(LAUNCH), "i-3"));
    refused(enroll(unknown, secrets.of(unknown), "i-1"));
    time.pass(Duration.ofMinutes(16));
    refused(enroll(LAUNCH, secrets.of(LAUNCH), "i-1"));
    assertThat(state()).isEqualTo(RunnerState.BOOTING);
  }

  @Test
  void secretHoldsForFifteenMinutes() {
    time.pass(Duration.ofMinutes(15));
    granted();
  }

  @Test
  void launchOfNMachinesGrantsNEnrolments() {
    LaunchId two = new LaunchId("launch-0000000000000003");
    add(
        two,
        Map.of(
            new RunnerId("muster-000000000003"),
            "i-3",
            new RunnerId("muster-000000000004"),
            "i-4"));
    for (String named : List.of("i-3", "i-4")) {
      assertThat(enroll(two, secrets.of(two), named)).isInstanceOf(Enrolment.Granted.class);
    }
    for (String surplus : List.of("i-3", "i-4", "i-5")) {
      refused(enroll(two, secrets.of(two), surplus));
    }
  }

  @Test
  void machineWhoseIdentityIsProvenSaysSo() {
    verdict = new Verdict.Proven();
    granted();
    assertThat(identityLine()).contains("proven by the provider");
  }

  @Test
  void machineWhoseIdentityIsRefutedIsRefused() {
    verdict = new Verdict.Refuted("it is of i-9");
    assertThat(enroll(LAUNCH, secrets.of(LAUNCH), "i-1"))
        .isInstanceOfSatisfying(
            Enrolment.Refused.class,
            refused -> assertThat(refused.reason()).contains("i-1", "it is of i-9"));
    assertThat(state()).isEqualTo(RunnerState.BOOTING);
  }

  @Test
  void machineWhoseIdentityCannotBeCheckedIsNotedOrRefusedWhereThatIsRequired() {
    verdict = new Verdict.Undecided("its agent sent none");
    desk = desk(true);
    assertThat(enroll(LAUNCH, secrets.of(LAUNCH), "i-1"))
        .isInstanceOfSatisfying(
            Enrolment.Refused.class,
            refused ->
                assertThat(refused.reason()).contains("its agent sent none", "require_identity"));
    desk = desk(false);
    granted();
    assertThat(identityLine()).contains("not proven: its agent sent none");
  }

  @Test
  void reportsAreOfTheRunnerWhoseSessionItIs() {
    AgentSession session = desk.session(granted()).orElseThrow();
    desk.report(session, report(1, Phase.FAILED));
    assertThat(state()).isEqualTo(RunnerState.FAILED);
    assertThat(store.read(read -> RunnerStore.find(read, NEIGHBOUR)).orElseThrow().state())
        .isEqualTo(RunnerState.BOOTING);
  }

  @Test
  void reportOfAWrongClockIsShownAsReceivedAndSaysSo() {
    AgentSession session = desk.session(granted()).orElseThrow();
    long sequence = 0;
    for (Duration off : List.of(Duration.ofMinutes(10), Duration.ofMinutes(-10))) {
      Instant theirs = time.instant().plus(off);
      desk.report(session, new Report(++sequence, Phase.RUNNING, theirs, "said", null, null));
      TimelineEntry shown = lastLine();
      assertThat(shown.at()).isEqualTo(time.instant());
      assertThat(shown.detail()).contains("said", "clock said " + theirs, "600 s");
    }
    Instant near = time.instant().minusSeconds(30);
    desk.report(session, new Report(++sequence, Phase.RUNNING, near, "said", null, null));
    assertThat(lastLine()).isEqualTo(new TimelineEntry(near, "agent running", "said"));
  }

  @Test
  void forgedSessionIsNobody() {
    granted();
    assertThat(desk.session("forged")).isEmpty();
    assertThat(desk.session("")).isEmpty();
    assertThat(desk.session(secrets.of(LAUNCH))).as("a launch secret is no session").isEmpty();
  }

  @Test
  void rotatedSessionEndsWhenItsSuccessorIsUsedOrAfterAWhile() {
    String first = granted();
    String second = renewed(first);
    assertThat(desk.session(first)).as("its successor may have been lost").isPresent();
    assertThat(desk.session(second)).isPresent();
    assertThat(desk.session(first)).as("its successor was used").isEmpty();

    String third = renewed(second);
    time.pass(AgentApi.ROTATION_GRACE.plusSeconds(1));
    assertThat(desk.session(second)).isEmpty();
    assertThat(desk.session(third)).isPresent();
  }

  @Test
  void sessionIsCutDownToReportsOnceAJobStarts() {
    String session = granted();
    store.run(tx -> Credentials.allowReports(tx, RUNNER, "report-token"));
    AgentSession reporter = desk.session("report-token").orElseThrow();
    assertThat(reporter.scope()).isEqualTo(AgentSession.Scope.REPORT);
    desk.report(reporter, report(1, Phase.STARTING));
    assertThat(desk.session(session)).as("the session for everything").isEmpty();
    assertThat(desk.session("report-token")).isPresent();
  }

  @Test
  void whatARunnerWritesIsKeptWithItAlsoOnceItMayOnlyReport() {
    AgentSession session = desk.session(granted()).orElseThrow();
    desk.log(session, new LogChunk(1, "booted\n"));
    store.run(tx -> Credentials.allowReports(tx, RUNNER, "report-token"));
    AgentSession reporter = desk.session("report-token").orElseThrow();
    desk.report(reporter, report(1, Phase.STARTING));

    desk.log(reporter, new LogChunk(2, "worked\n"));

    String kept = store.database().read(read -> RunnerOutput.of(read, RUNNER));
    assertThat(kept).isEqualTo("booted\nworked\n");
  }

  @Test
  void noticeIsOnlyTold() {
    AgentSession session = desk.session(granted()).orElseThrow();
    RunnerState before = state();

    desk.report(
        session,
        new Report(1, Phase.NOTICE, time.instant(), "disk nearly full: 3 of 100 MiB", null, null));

    assertThat(state()).isEqualTo(before);
    List<TimelineEntry> timeline =
        store.database().read(read -> RunnerStore.timeline(read, RUNNER));
    assertThat(timeline.getLast())
        .satisfies(line -> {
          assertThat(line.event()).isEqualTo("agent notice");
          assertThat(line.detail()).startsWith("disk nearly full");
        });
  }

  @Test
  void grantNamesTheReleaseThatIsWanted() {
    RunnerRelease release =
        new RunnerRelease("2.400.0", "https://x", Map.of("linux-x64", "a".repeat(64)));
    desk = desk(false, Optional.of(release));

    Enrolment enrolment = enroll(LAUNCH, secrets.of(LAUNCH), "i-1");

    assertThat(((Enrolment.Granted) enrolment).grant().release()).isEqualTo(release);
  }

  @Test
  void replayedAndOlderReportsChangeNothing() {
    AgentSession session = desk.session(granted()).orElseThrow();
    desk.report(session, report(5, Phase.RUNNING));
    long lines = lines();
    desk.report(session, report(5, Phase.RUNNING));
    desk.report(session, report(4, Phase.FAILED));
    assertThat(lines()).isEqualTo(lines);
    assertThat(state()).isEqualTo(RunnerState.READY);
    desk.report(session, report(6, Phase.FAILED));
    assertThat(state()).isEqualTo(RunnerState.FAILED);
  }

  @Test
  void runnerThatIsNotKnownAnyMoreIsToldToStop() throws InterruptedException {
    AgentSession gone = new AgentSession("muster-000000000009", AgentSession.Scope.FULL);
    assertThat(desk.poll(gone, Duration.ZERO)).isPresent();
    assertThat(desk.renew(gone, new SessionRequest("boot-2"))).isEmpty();
  }

  private void add(LaunchId launch, RunnerId id, String instance) {
    add(launch, Map.of(id, instance));
  }

  private void add(LaunchId launch, Map<RunnerId, String> machines) {
    RunnerOrigin origin =
        new RunnerOrigin(
            launch, "default", "local", "dev", "local", "here", "hash", time.instant());
    store.run(tx -> {
      LaunchStore.add(
          tx,
          new Launch(
              launch,
              "default",
              "local",
              "local",
              "hash",
              machines.size(),
              Launch.State.PLANNED,
              Optional.empty(),
              time.instant(),
              Optional.empty()),
          "{}");
      RunnerStore.add(
          tx, machines.keySet().stream().map(id -> Runner.planned(id, origin, LIMITS)).toList());
      LaunchStore.answered(tx, launch, "", time.instant());
    });
    machines.forEach((id, instance) ->
        store.run(tx ->
            RunnerStore.apply(
                tx,
                RunnerStore.find(tx, id).orElseThrow(),
                new RunnerEvent.Launched(instance),
                time.instant(),
                LIMITS)));
  }

  private String identityLine() {
    return timeline().stream()
        .filter(line -> line.event().equals("identity"))
        .findFirst()
        .orElseThrow()
        .detail();
  }

  private TimelineEntry lastLine() {
    return timeline().getLast();
  }

  private List<TimelineEntry> timeline() {
    return store.read(read -> RunnerStore.timeline(read, RUNNER));
  }

  private Enrolment enroll(LaunchId launch, String secret, String instance) {
    return desk.enroll(
        new EnrollRequest(
            launch.value(), new Secret(secret), instance, "boot-1", "linux", "amd64", "1", null));
  }

  private static void refused(Enrolment enrolment) {
    assertThat(enrolment).isInstanceOf(Enrolment.Refused.class);
  }

  private String granted() {
    Enrolment enrolment = enroll(LAUNCH, secrets.of(LAUNCH), "i-1");
    assertThat(enrolment).isInstanceOf(Enrolment.Granted.class);
    return ((Enrolment.Granted) enrolment).grant().session().value();
  }

  private String renewed(String session) {
    AgentSession known = desk.session(session).orElseThrow();
    return desk.renew(known, new SessionRequest("boot-2")).orElseThrow().session().value();
  }

  private static Report report(long sequence, Phase phase) {
    return new Report(sequence, phase, Instant.EPOCH, "said", null, null);
  }

  private RunnerState state() {
    return store.read(read -> RunnerStore.find(read, RUNNER)).orElseThrow().state();
  }

  private long lines() {
    return store.read(read -> read.count("select count(*) n from runner_event"));
  }
}
