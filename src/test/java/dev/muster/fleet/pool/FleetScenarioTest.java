package dev.muster.fleet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.protocol.Instruction;
import dev.muster.agent.protocol.Phase;
import dev.muster.agentlink.AgentDesk.Enrolment;
import dev.muster.agentlink.AgentSession;
import dev.muster.fleet.compute.LaunchResult;
import dev.muster.fleet.job.JobEvent;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.runner.LaunchStore;
import dev.muster.fleet.runner.RegistrationSweep;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Stories of jobs and runners through the real reconcilers. */
@Execution(ExecutionMode.CONCURRENT)
class FleetScenarioTest {
  @TempDir private Path folder;
  private FleetFixture fleet;

  @BeforeEach
  void open() {
    fleet = new FleetFixture(folder);
  }

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void jobRunsOnItsRunnerAndThePoolIsRefilled() {
    fleet.cloud.atLaunch(() ->
        assertThat(fleet.store.read(LaunchStore::unanswered))
            .as("stored before the cloud is called")
            .hasSize(1));
    fleet.configure(FleetFixture.SPEC, 1, 5);
    fleet.run();
    Runner warm = fleet.only(RunnerState.BOOTING);
    AgentSession agent = fleet.enrol(warm);
    assertThat(fleet.only(RunnerState.READY).id()).isEqualTo(warm.id());
    assertThat(fleet.github.names()).as("not before a job").isEmpty();

    fleet.queued(1);
    assertThat(fleet.jobState(1)).isEqualTo(JobState.ASSIGNED);
    assertThat(fleet.runner(warm.id()).state()).isEqualTo(RunnerState.REGISTERED);
    assertThat(fleet.github.names()).containsExactly(warm.id().value());
    assertThat(fleet.poll(agent)).get().isInstanceOf(Instruction.Assign.class);
    assertThat(fleet.runners(RunnerState.BOOTING)).as("its slot is refilled").hasSize(1);

    fleet.report(agent, 1, Phase.STARTING);
    fleet.started(1, warm.id().value());
    assertThat(fleet.jobState(1)).isEqualTo(JobState.RUNNING);
    assertThat(fleet.runner(warm.id()).state()).isEqualTo(RunnerState.BUSY);

    fleet.completed(1, warm.id().value(), "success");
    fleet.report(agent, 2, Phase.FINISHED);
    fleet.pass(Duration.ofSeconds(5));
    assertThat(fleet.jobState(1)).isEqualTo(JobState.COMPLETED);
    assertThat(fleet.runner(warm.id()).state()).isEqualTo(RunnerState.TERMINATED);
    assertThat(fleet.cloud.terminated()).contains(warm.instance().orElseThrow());
    assertThat(fleet.cloud.machines()).hasSize(1);
  }

  @Test
  void crashBeforeTheCloudIsCalledIsSettledByTheSameLaunch() {
    fleet.configure(FleetFixture.SPEC, 2, 5);
    fleet.runOnly(RunnerKeys.POOL);
    assertThat(fleet.cloud.launchCalls()).isZero();
    assertThat(fleet.runners(RunnerState.PLANNED)).hasSize(2);
    fleet.restart();
    fleet.pass(Duration.ofSeconds(90));
    assertThat(fleet.cloud.launches()).hasSize(1);
    assertThat(fleet.cloud.machines()).hasSize(2);
    assertThat(fleet.runners(RunnerState.BOOTING)).hasSize(2);
  }

  @Test
  void lostAnswerOfTheCloudIsAskedForAgainAndDoublesNothing() {
    fleet.cloud.loseNextAnswer(new TransientException("timed out", null));
    fleet.configure(FleetFixture.SPEC, 2, 5);
    fleet.run();
    assertThat(fleet.runners(RunnerState.PLANNED)).hasSize(2);
    fleet.restart();
    fleet.pass(Duration.ofSeconds(30));
    assertThat(fleet.cloud.launchCalls()).isEqualTo(2);
    assertThat(fleet.cloud.launches()).hasSize(1);
    assertThat(fleet.cloud.machines()).hasSize(2);
    assertThat(fleet.runners(RunnerState.BOOTING)).hasSize(2);
  }

  @Test
  void jobGetsARunnerOnceThereIsRoomAgain() {
    fleet.cloud.answerNext(new LaunchResult.NoCapacity("none of c7g in eu-west-1a"));
    fleet.configure(FleetFixture.SPEC, 0, 5);
    fleet.queued(1);
    assertThat(fleet.only(RunnerState.TERMINATED).reason()).get().asString().contains("c7g");
    fleet.pass(Duration.ofMinutes(2));
    fleet.enrol(fleet.only(RunnerState.BOOTING));
    assertThat(fleet.jobState(1)).isEqualTo(JobState.ASSIGNED);
  }

  @Test
  void jobWhoseAgentIsDoneBeforeGitHubSaysSoGetsNoSecondRunner() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    fleet.queued(1);
    fleet.pass(Duration.ofSeconds(1));
    Runner runner = fleet.only(RunnerState.BOOTING);
    AgentSession agent = fleet.enrol(runner);
    fleet.report(agent, 1, Phase.STARTING);
    fleet.report(agent, 2, Phase.FINISHED);
    fleet.pass(Duration.ofSeconds(20)); // GitHub's webhooks are late
    assertThat(fleet.jobState(1)).isEqualTo(JobState.ASSIGNED);
    assertThat(fleet.cloud.launches()).hasSize(1);
    fleet.started(1, runner.id().value());
    fleet.completed(1, runner.id().value(), "success");
    fleet.pass(Duration.ofMinutes(2));
    assertThat(fleet.jobState(1)).isEqualTo(JobState.COMPLETED);
    assertThat(fleet.cloud.launches()).hasSize(1);
  }

  @Test
  void jobThatItsAgentOnlyClaimedToHaveRunGetsAnotherRunner() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    fleet.queued(1);
    fleet.pass(Duration.ofSeconds(1));
    AgentSession agent = fleet.enrol(fleet.only(RunnerState.BOOTING));
    fleet.report(agent, 1, Phase.STARTING);
    fleet.report(agent, 2, Phase.FINISHED);
    fleet.pass(Duration.ofMinutes(2)); // GitHub still says queued
    assertThat(fleet.cloud.launches()).hasSize(2);
  }

  @Test
  void startThatFindsNoRoomBecomesAColdLaunchAtOnce() {
    fleet.configure(FleetFixture.SPEC, Optional.of(FleetFixture.keepingStopped(1)));
    fleet.run();
    fleet.enrol(fleet.only(RunnerState.BOOTING));
    fleet.pass(Duration.ofMinutes(2));
    Runner kept = fleet.only(RunnerState.STOPPED);
    fleet.cloud.scarce(kept.instance().orElseThrow());
    fleet.queued(1);
    fleet.pass(Duration.ofSeconds(5));
    assertThat(fleet.runner(kept.id()).reason()).get().asString().contains("no capacity to start");
    assertThat(fleet.cloud.terminated()).contains(kept.instance().orElseThrow());
    assertThat(fleet.runners(RunnerState.BOOTING)).as("the job's, and the pool's").hasSize(2);
  }

  @Test
  void manyRunnersOfOneLaunchThatFailAreOneFailure() {
    fleet.cloud.answerNext(new LaunchResult.NoCapacity("none"));
    fleet.configure(FleetFixture.SPEC, 8, 20);
    fleet.run();
    fleet.pass(Duration.ofMinutes(2));
    assertThat(fleet.runners(RunnerState.BOOTING)).hasSize(8);
  }

  @Test
  void thirdFailureInARowHoldsLaunchesAndOneIsTriedAfterwards() {
    for (int i = 0; i < 3; i++) {
      fleet.cloud.answerNext(new LaunchResult.NoCapacity("none"));
    }
    fleet.configure(FleetFixture.SPEC, 4, 20);
    fleet.pass(Duration.ofSeconds(30));
    assertThat(fleet.cloud.launchCalls()).isEqualTo(3);
    assertThat(fleet.cloud.machines()).isEmpty();
    fleet.pass(Duration.ofSeconds(45));
    assertThat(fleet.cloud.machines()).as("one is tried").hasSize(1);
    fleet.enrol(fleet.only(RunnerState.BOOTING));
    fleet.pass(Duration.ofMinutes(1));
    assertThat(fleet.cloud.machines()).as("it went well").hasSize(4);
  }

  @Test
  void machinesThatGitHubRefusesToRegisterAreFailedLaunches() {
    fleet.configure(FleetFixture.SPEC, 0, 20);
    fleet.queued(1);
    for (int i = 0; i < 3; i++) {
      fleet.github.loseNextAnswer(new StalledException("403: not permitted", null));
      fleet.enrol(fleet.only(RunnerState.BOOTING));
      fleet.run();
    }
    fleet.run();
    assertThat(fleet.cloud.machines()).as("no fourth for nothing").isEmpty();
    assertThat(fleet.jobState(1)).isEqualTo(JobState.QUEUED);
  }

  @Test
  void runnersThatAreGivenUpBeforeTheyAreReadyAreNoFailures() {
    for (int i = 0; i < 4; i++) {
      fleet.configure(FleetFixture.SPEC, 1, 5);
      fleet.run();
      assertThat(fleet.runners(RunnerState.BOOTING)).as("launch %d", i).hasSize(1);
      fleet.configure(FleetFixture.SPEC, Optional.empty());
      fleet.pass(Duration.ofSeconds(10));
      assertThat(fleet.cloud.machines()).isEmpty();
    }
    fleet.configure(FleetFixture.SPEC, 2, 5);
    fleet.run();
    assertThat(fleet.cloud.machines()).as("not one that is tried, but both").hasSize(2);
  }

  @Test
  void refusedLaunchIsNotRepeatedWordForWord() {
    fleet.cloud.failNext(new StalledException("no permission: ".repeat(200), null));
    fleet.configure(FleetFixture.SPEC, 1, 5);
    fleet.run();
    Runner refused = fleet.runners(RunnerState.TERMINATED).getFirst();
    assertThat(refused.reason()).get().asString().startsWith("refused: no permission");
    assertThat(fleet.store.read(LaunchStore::unanswered)).isEmpty();
  }

  @Test
  void runnerThatNeverEnrolsIsReplacedForItsJob() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    fleet.queued(1);
    Runner silent = fleet.only(RunnerState.BOOTING);
    fleet.pass(Duration.ofMinutes(6));
    assertThat(fleet.runner(silent.id()).state()).isEqualTo(RunnerState.TERMINATED);
    assertThat(fleet.runner(silent.id()).reason()).get().asString().contains("did not enrol");
    assertThat(fleet.cloud.terminated()).containsExactly(silent.instance().orElseThrow());
    assertThat(fleet.only(RunnerState.BOOTING).id()).isNotEqualTo(silent.id());
    assertThat(fleet.tryEnrol(fleet.runner(silent.id()))).isInstanceOf(Enrolment.Refused.class);
  }

  @Test
  void launchThatNobodyWaitsForAnyMoreIsNotMade() {
    fleet.configure(FleetFixture.SPEC, 2, 5);
    fleet.runOnly(RunnerKeys.POOL);
    fleet.configure(FleetFixture.SPEC, Optional.empty());
    fleet.runOnly(RunnerKeys.POOL);
    fleet.pass(Duration.ofMinutes(1));
    assertThat(fleet.cloud.machines()).isEmpty();
    assertThat(fleet.runners(RunnerState.TERMINATED)).hasSize(2);
  }

  @Test
  void machineThatTheListDoesNotShowYetIsEndedAllTheSame() {
    fleet.cloud.lag(Duration.ofMinutes(1));
    fleet.configure(FleetFixture.SPEC, 1, 5);
    fleet.run();
    fleet.configure(FleetFixture.SPEC, Optional.empty());
    fleet.pass(Duration.ofSeconds(5));
    assertThat(fleet.cloud.machines()).isEmpty();
    assertThat(fleet.runners(RunnerState.TERMINATED)).hasSize(1);
  }

  @Test
  void runnerOfACancelledJobIsTakenOffGitHubFirst() {
    Runner runner = registered(1);
    fleet.completed(1, "", "cancelled");
    fleet.pass(Duration.ofSeconds(10));
    assertThat(fleet.github.removed()).containsExactly(runner.id().value());
    assertThat(fleet.runner(runner.id()).state()).isEqualTo(RunnerState.TERMINATED);
    assertThat(fleet.cloud.machines()).isEmpty();
  }

  @Test
  void runnerThatGitHubCallsBusyIsNeverTerminated() {
    Runner runner = registered(1);
    fleet.github.busy(runner.id().value());
    fleet.completed(1, "", "cancelled");
    fleet.pass(Duration.ofMinutes(30));
    assertThat(fleet.runner(runner.id()).state()).isEqualTo(RunnerState.BUSY);
    assertThat(fleet.cloud.terminated()).isEmpty();

    fleet.completed(2, runner.id().value(), "success");
    fleet.pass(Duration.ofMinutes(3));
    assertThat(fleet.runner(runner.id()).state()).isEqualTo(RunnerState.TERMINATED);
  }

  @Test
  void jobWhoseRunnerWasTakenGetsAnother() {
    Runner first = registered(1);
    fleet.queued(2);
    fleet.started(2, first.id().value());
    assertThat(fleet.jobState(2)).isEqualTo(JobState.RUNNING);
    assertThat(fleet.jobState(1)).isEqualTo(JobState.QUEUED);
    fleet.enrol(fleet.only(RunnerState.BOOTING));
    assertThat(fleet.jobState(1)).isEqualTo(JobState.ASSIGNED);
    assertThat(fleet.job(1).runner()).isNotEqualTo(Optional.of(first.id().value()));
  }

  @Test
  void refusedJobThatGitHubGivesARunnerOfAnotherIsSaidLoudly() {
    fleet.configure(FleetFixture.SPEC, 1, 5);
    fleet.run();
    Runner runner = fleet.only(RunnerState.BOOTING);
    fleet.enrol(runner);
    fleet.queued(2);
    fleet.queued(1);
    fleet.store.run(tx -> {
      JobEvent refused = new JobEvent.Rejected("its code comes from the fork mallory/hello");
      JobStore.apply(tx, new JobId(1), refused, fleet.time.instant());
    });
    fleet.started(1, runner.id().value());
    assertThat(fleet.store.read(Notices::all))
        .singleElement()
        .asString()
        .contains("mallory/hello", "muster runner terminate " + runner.id());
    assertThat(fleet.jobState(2)).as("it waits for another").isNotEqualTo(JobState.RUNNING);
  }

  @Test
  void runnersWhoseJobsWereSwappedKeepBothJobs() {
    Runner first = registered(1);
    fleet.queued(2);
    fleet.enrol(fleet.only(RunnerState.BOOTING));
    Runner second =
        fleet.runners(RunnerState.REGISTERED).stream()
            .filter(r -> !r.id().equals(first.id()))
            .findFirst()
            .orElseThrow();
    fleet.started(2, first.id().value());
    fleet.pass(Duration.ofSeconds(5));
    assertThat(fleet.job(1).runner()).as("rebound").contains(second.id().value());
    fleet.started(1, second.id().value());
    assertThat(fleet.runners(RunnerState.BUSY)).hasSize(2);
    assertThat(fleet.cloud.launches()).hasSize(2);
  }

  @Test
  void restartBeforeTheAgentHasItsConfigurationMakesAnotherRegistration() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    fleet.queued(1);
    Runner runner = fleet.only(RunnerState.BOOTING);
    AgentSession agent = fleet.enrol(runner);
    fleet.restart();
    assertThat(fleet.poll(agent)).isEmpty();
    Instruction instruction = fleet.poll(agent).orElseThrow();
    assertThat(instruction).isInstanceOf(Instruction.Assign.class);
    String name = runner.id().value() + "-2";
    assertThat(fleet.github.removed()).containsExactly(runner.id().value());
    assertThat(fleet.github.names()).containsExactly(name);
    assertThat(fleet.job(1).runnerName()).contains(name);
    fleet.started(1, name);
    assertThat(fleet.runner(runner.id()).state()).isEqualTo(RunnerState.BUSY);
  }

  @Test
  void registrationWhoseAnswerWasLostIsSweptAway() {
    fleet.github.loseNextAnswer(new TransientException("timed out", null));
    Runner runner = registered(1);
    fleet.pass(Duration.ofSeconds(10));
    assertThat(fleet.github.names()).contains(runner.id().value() + "-2");
    fleet.started(1, runner.id().value() + "-2");
    fleet.pass(Duration.ofMinutes(6));
    fleet.due(RegistrationSweep.KEY);
    fleet.run();
    assertThat(fleet.github.names()).containsExactly(runner.id().value() + "-2");
  }

  @Test
  void registeredRunnerWithoutAJobForFourMinutesIsReplaced() {
    Runner idle = registered(1);
    fleet.pass(Duration.ofMinutes(4).plusSeconds(10));
    assertThat(fleet.github.removed()).contains(idle.id().value());
    assertThat(fleet.runner(idle.id()).state()).isEqualTo(RunnerState.TERMINATED);
    assertThat(fleet.jobState(1)).isEqualTo(JobState.QUEUED);
    assertThat(fleet.runners(RunnerState.BOOTING)).hasSize(1);
  }

  @Test
  void vanishedMachineIsBelievedOnlyWhenItStaysAway() {
    Runner runner = registered(1);
    fleet.cloud.vanish(runner.instance().orElseThrow());
    fleet.due(RunnerKeys.compute("ec2", "eu-west-1"));
    fleet.run();
    assertThat(fleet.runner(runner.id()).state()).isEqualTo(RunnerState.REGISTERED);
    fleet.pass(Duration.ofSeconds(70));
    assertThat(fleet.runner(runner.id()).state()).isEqualTo(RunnerState.TERMINATED);
    assertThat(fleet.runner(runner.id()).reason()).get().asString().contains("vanished");
    assertThat(fleet.jobState(1)).isEqualTo(JobState.QUEUED);
    assertThat(fleet.github.removed()).contains(runner.id().value());
  }

  @Test
  void strayMachineIsEndedOnceItIsOldEnough() {
    fleet.cloud.stray("launch-9999999999999999");
    fleet.due(RunnerKeys.compute("ec2", "eu-west-1"));
    fleet.pass(Duration.ofMinutes(9));
    assertThat(fleet.cloud.machines()).as("it may be settling").hasSize(1);
    fleet.pass(Duration.ofMinutes(2));
    assertThat(fleet.cloud.machines()).as("the sweep goes on by itself").isEmpty();
  }

  @Test
  void poolThatLeavesTheConfigIsDrainedAroundItsBusyRunners() {
    fleet.configure(FleetFixture.SPEC, 2, 5);
    fleet.run();
    List<Runner> made = fleet.runners(RunnerState.BOOTING);
    made.forEach(fleet::enrol);
    fleet.queued(1);
    Runner busy = fleet.only(RunnerState.REGISTERED);
    fleet.started(1, busy.id().value());
    fleet.configure(FleetFixture.SPEC, Optional.empty());
    fleet.pass(Duration.ofMinutes(3));
    assertThat(fleet.cloud.machines()).containsExactly(busy.instance().orElseThrow());
    fleet.completed(1, busy.id().value(), "failure");
    fleet.pass(Duration.ofMinutes(5));
    assertThat(fleet.cloud.machines()).isEmpty();
  }

  @Test
  void changedSpecReplacesIdleRunnersOnly() {
    fleet.configure(FleetFixture.SPEC, 2, 8);
    fleet.run();
    fleet.runners(RunnerState.BOOTING).forEach(fleet::enrol);
    fleet.queued(1);
    Runner busy = fleet.only(RunnerState.REGISTERED);
    Runner idle = fleet.only(RunnerState.READY);
    fleet.started(1, busy.id().value());
    var changed =
        FleetFixture.SPEC.with(
            FleetFixture.SPEC.cpu(), FleetFixture.SPEC.ram(), Duration.ofHours(1));
    fleet.configure(changed, 2, 8);
    fleet.pass(Duration.ofSeconds(30));
    assertThat(fleet.runner(idle.id()).state()).isEqualTo(RunnerState.TERMINATED);
    assertThat(fleet.runner(busy.id()).state()).isEqualTo(RunnerState.BUSY);
    assertThat(
            fleet.runners(RunnerState.BOOTING).stream()
                .filter(r -> r.origin().specHash().equals(changed.hash())))
        .hasSize(2);
  }

  @Test
  void pauseHoldsLaunchesUntilItEnds() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    fleet.store.run(tx ->
        Pauses.pause(
            tx,
            new Pauses.Pause(Pauses.Scope.POOL, FleetFixture.POOL, fleet.time.instant(), "ana")));
    fleet.queued(1);
    fleet.pass(Duration.ofMinutes(5));
    assertThat(fleet.cloud.launchCalls()).isZero();
    fleet.store.run(tx -> Pauses.resume(tx, Pauses.Scope.POOL, FleetFixture.POOL));
    fleet.pass(Duration.ofMinutes(1));
    assertThat(fleet.cloud.launchCalls()).isEqualTo(1);
  }

  @Test
  void jobOfTheLongestNamesThatTheConfigAllowsIsServed() {
    String environment = "e".repeat(100);
    RunnerSpec runner = RunnerSpec.forgotten("r".repeat(100), "ec2");
    fleet.configure(
        new FleetSpec(
            new FleetSpec.Defaults(
                Provider.EC2, environment, "g".repeat(60), ZoneId.of("UTC"), 1_000),
            List.of(runner),
            Map.of(environment, EnvironmentSpec.named(environment)),
            List.of()));
    fleet.queued(1, "muster/runner=" + runner.name());
    fleet.enrol(fleet.only(RunnerState.BOOTING));
    assertThat(fleet.jobState(1)).isEqualTo(JobState.ASSIGNED);
    assertThat(fleet.only(RunnerState.REGISTERED).origin().environment()).isEqualTo(environment);
  }

  /** A job with a runner that is registered for it and has its configuration. */
  private Runner registered(long job) {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    fleet.queued(job);
    Runner runner = fleet.only(RunnerState.BOOTING);
    AgentSession agent = fleet.enrol(runner);
    fleet.poll(agent);
    fleet.report(agent, 1, Phase.STARTING);
    return fleet.runner(runner.id());
  }
}
