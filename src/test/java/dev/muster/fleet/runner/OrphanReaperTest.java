package dev.muster.fleet.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.compute.FakeComputeProvider;
import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.spec.Provider;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.store.StoreFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrphanReaperTest {
  private static final ComputeReconciler.Place PLACE =
      new ComputeReconciler.Place("ec2", "eu-west-1");
  private static final LaunchId LAUNCH = new LaunchId("launch-0000000000000001");
  private static final RunnerId RUNNER = new RunnerId("muster-000000000001");
  private static final Deadlines LIMITS = Deadlines.linux(Duration.ofHours(6));

  @TempDir private Path folder;
  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private final AuditLog audit = new AuditLog(time);
  private final FakeComputeProvider cloud = new FakeComputeProvider(Provider.EC2, time);
  private final FakeRunnerRegistry github = new FakeRunnerRegistry();
  @AutoClose private StoreFixture store;
  private OrphanReaper reaper;

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder, audit);
    reaper = reaper(Instant.EPOCH);
  }

  @Test
  void strangerOfAnUnknownLaunchIsEndedAndAudited() throws InterruptedException {
    String orphan = cloud.stray("launch-9999999999999999");
    sweepFor(Duration.ofMinutes(15));
    assertThat(cloud.terminated()).containsExactly(orphan);
    assertThat(audited()).isEqualTo(1);
  }

  @Test
  void machineIsLeftUntilItIsTenMinutesOld() throws InterruptedException {
    cloud.stray("launch-9999999999999999");
    sweepFor(Duration.ofMinutes(9));
    assertThat(cloud.terminated()).isEmpty();
    sweepFor(Duration.ofMinutes(1));
    assertThat(cloud.terminated()).hasSize(1);
  }

  @Test
  void oldMachineIsLeftAtTheFirstSweepAndAtSweepsOfTheSameMoment() throws InterruptedException {
    cloud.stray("launch-9999999999999999");
    time.pass(Duration.ofHours(3));
    sweep();
    sweep();
    time.pass(Duration.ofSeconds(2));
    sweep();
    assertThat(cloud.terminated()).isEmpty();
    time.pass(ComputeReconciler.SWEEP);
    sweep();
    assertThat(cloud.terminated()).hasSize(1);
  }

  @Test
  void restartBeginsTheDoubtAnew() throws InterruptedException {
    cloud.stray("launch-9999999999999999");
    time.pass(Duration.ofHours(3));
    sweep();
    time.pass(ComputeReconciler.SWEEP);
    reaper = reaper(Instant.EPOCH);
    sweep();
    assertThat(cloud.terminated()).isEmpty();
  }

  @Test
  void machineThatWasAccountedForInBetweenIsDoubtedAnew() throws InterruptedException {
    String machine = cloud.stray(LAUNCH.value());
    time.pass(Duration.ofHours(3));
    sweep();
    launched(Optional.of(machine));
    time.pass(ComputeReconciler.SWEEP);
    sweep();
    end();
    sweep();
    time.pass(ComputeReconciler.SWEEP.minusSeconds(1));
    sweep();
    assertThat(cloud.terminated()).isEmpty();
    time.pass(Duration.ofSeconds(1));
    sweep();
    assertThat(cloud.terminated()).containsExactly(machine);
  }

  @Test
  void machineWithALivingRunnerStays() throws InterruptedException {
    launched(Optional.of(cloud.stray(LAUNCH.value())));
    sweepFor(Duration.ofHours(1));
    assertThat(cloud.terminated()).isEmpty();
  }

  @Test
  void machineOfALaunchThatTheCloudHasNotAnsweredStays() throws InterruptedException {
    cloud.stray(LAUNCH.value());
    planned();
    sweepFor(Duration.ofHours(1));
    assertThat(cloud.terminated()).isEmpty();
  }

  @Test
  void machineWithoutATagOfALaunchIsNotOursToEnd() throws InterruptedException {
    cloud.stray("made by hand");
    sweepFor(Duration.ofHours(1));
    assertThat(cloud.terminated()).isEmpty();
  }

  @Test
  void machineWhoseRunnerWorksAtGitHubStaysUntilItIsDone() throws InterruptedException {
    launched(Optional.of(cloud.stray(LAUNCH.value())));
    register();
    github.busy(RUNNER.value());
    end();
    sweepFor(Duration.ofHours(1));
    assertThat(cloud.terminated()).isEmpty();
    github.over(RUNNER.value());
    sweepFor(Duration.ofMinutes(5));
    assertThat(cloud.terminated()).hasSize(1);
  }

  @Test
  void machineOfALostAnswerStaysWhileARunnerOfItsLaunchWorks() throws InterruptedException {
    cloud.stray(LAUNCH.value());
    launched(Optional.empty());
    register();
    github.busy(RUNNER.value());
    end();
    sweepFor(Duration.ofHours(1));
    assertThat(cloud.terminated()).isEmpty();
  }

  @Test
  void machineStaysWhileGitHubCannotBeAsked() throws InterruptedException {
    launched(Optional.of(cloud.stray(LAUNCH.value())));
    register();
    end();
    for (RuntimeException error :
        List.of(new TransientException("timed out", null), new StalledException("denied", null))) {
      github.failLists(Optional.of(error));
      sweepFor(Duration.ofMinutes(30));
      assertThat(cloud.terminated()).as(error.getMessage()).isEmpty();
    }
    github.failLists(Optional.empty());
    sweepFor(Duration.ofMinutes(5));
    assertThat(cloud.terminated()).hasSize(1);
  }

  @Test
  void nothingIsEndedWhileARestoredDatabaseKnowsTooLittle() throws InterruptedException {
    cloud.stray("launch-9999999999999999");
    reaper = reaper(time.instant().plus(Duration.ofHours(1)));
    sweepFor(Duration.ofMinutes(59));
    assertThat(cloud.terminated()).isEmpty();
    sweepFor(Duration.ofMinutes(5));
    assertThat(cloud.terminated()).hasSize(1);
  }

  @Test
  void orphanThatTheProviderDidNotEndIsTriedAgain() throws InterruptedException {
    cloud.stray("launch-9999999999999999");
    sweepFor(Duration.ofMinutes(9));
    time.pass(Duration.ofMinutes(1));
    try {
      var listed = cloud.list(PLACE.region()).machines();
      cloud.failNext(new TransientException("timed out", null));
      reaper.reap(cloud, PLACE, listed);
    } catch (TransientException e) {
      assertThat(e).hasMessage("timed out");
    }
    assertThat(cloud.terminated()).isEmpty();
    sweep();
    assertThat(cloud.terminated()).hasSize(1);
  }

  private OrphanReaper reaper(Instant reapingFrom) {
    return new OrphanReaper(store.database(), store.writer(), audit, time, github, reapingFrom);
  }

  private void sweep() throws InterruptedException {
    reaper.reap(cloud, PLACE, cloud.list(PLACE.region()).machines());
  }

  private void sweepFor(Duration duration) throws InterruptedException {
    Instant end = time.instant().plus(duration);
    sweep();
    while (time.instant().isBefore(end)) {
      time.pass(Duration.ofMinutes(1));
      sweep();
    }
  }

  private void planned() {
    RunnerOrigin origin =
        new RunnerOrigin(
            LAUNCH, "default", "ec2", "dev", PLACE.region(), "linux", "hash", time.instant());
    store.run(tx -> {
      LaunchStore.add(
          tx,
          new Launch(
              LAUNCH,
              "default",
              "ec2",
              PLACE.region(),
              "hash",
              1,
              Launch.State.PLANNED,
              Optional.empty(),
              time.instant(),
              Optional.empty()),
          "{}");
      RunnerStore.add(tx, List.of(Runner.planned(RUNNER, origin, LIMITS)));
    });
  }

  private void launched(Optional<String> machine) {
    planned();
    store.run(tx -> LaunchStore.answered(tx, LAUNCH, "", time.instant()));
    machine.ifPresent(id -> apply(new RunnerEvent.Launched(id)));
  }

  private void end() {
    apply(new RunnerEvent.Terminated("given up"));
  }

  private void apply(RunnerEvent event) {
    store.run(tx ->
        RunnerStore.apply(
            tx, RunnerStore.find(tx, RUNNER).orElseThrow(), event, time.instant(), LIMITS));
  }

  private void register() {
    RunnerRegistry.Registration made = github.register(JOB, RUNNER.value(), Optional.empty());
    store.run(tx -> {
      Registrations.intended(tx, RUNNER.value(), RUNNER, made.scope(), time.instant());
      Registrations.made(tx, RUNNER.value(), made.scope(), made.githubId());
    });
  }

  private long audited() {
    return store.read(read ->
        read.count("select count(*) n from audit_entry where action = 'orphan.terminated'"));
  }

  private static final JobFacts JOB =
      new JobFacts(
          new JobId(1),
          1,
          1,
          "acme/hello",
          "build",
          Optional.empty(),
          List.of("muster/pool=default"),
          Optional.empty(),
          Optional.empty(),
          OptionalLong.empty(),
          true,
          Instant.EPOCH);
}
