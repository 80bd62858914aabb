package dev.muster.fleet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.protocol.Phase;
import dev.muster.agentlink.AgentSession;
import dev.muster.fleet.acceptance.Acceptance;
import dev.muster.fleet.acceptance.AcceptanceId;
import dev.muster.fleet.acceptance.AcceptancePlan;
import dev.muster.fleet.acceptance.AcceptanceStep;
import dev.muster.fleet.acceptance.AcceptanceStep.Kind;
import dev.muster.fleet.acceptance.AcceptanceStep.State;
import dev.muster.fleet.acceptance.AcceptanceStore;
import dev.muster.fleet.acceptance.AcceptanceWorkflow;
import dev.muster.fleet.acceptance.Acceptances;
import dev.muster.fleet.acceptance.Acceptances.Begun;
import dev.muster.fleet.compute.Offer;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.RerunIntent;
import dev.muster.fleet.job.RerunIntents;
import dev.muster.fleet.job.RunRef;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.spec.Os;
import dev.muster.kernel.audit.Actor;
import dev.muster.kernel.reconcile.TransientException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Acceptances over the fleet's real reconcilers, with a cloud and a GitHub in memory. */
@Execution(ExecutionMode.CONCURRENT)
class AcceptanceScenarioTest {
  private static final RunRef RUN = new RunRef("acme/hello", 1);
  private static final Actor ANA = new Actor("token", "ana");

  /** A GitHub that takes note of what it is asked for. */
  private static final class Workflow implements AcceptanceWorkflow {
    final List<String> dispatched = new ArrayList<>();
    final List<RunRef> cancelled = new ArrayList<>();
    final Deque<Dispatch> answers = new ArrayDeque<>();
    Optional<RuntimeException> lost = Optional.empty();

    @Override
    public Lookup find(String repository) {
      return new Lookup.Found(new Place(repository, "main"));
    }

    @Override
    public Dispatch dispatch(Place place, String runsOn, Duration work) {
      dispatched.add(runsOn);
      Optional<RuntimeException> error = lost;
      lost = Optional.empty();
      if (error.isPresent()) {
        throw error.get();
      }
      return answers.isEmpty() ? new Dispatch.Accepted() : answers.removeFirst();
    }

    @Override
    public void cancel(RunRef run) {
      cancelled.add(run);
    }

    String last() {
      return dispatched.getLast();
    }
  }

  @TempDir private Path folder;
  private final Workflow workflow = new Workflow();
  private List<String> ills = List.of();
  private FleetFixture fleet;
  private Acceptances acceptances;
  private AcceptanceId id = new AcceptanceId("accept-00000000");
  private long sequence;

  @BeforeEach
  void open() {
    fleet = new FleetFixture(folder);
    acceptances = fleet.accepting(workflow, () -> ills);
  }

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void everyStepPassesOnAFleetThatWorks() {
    fleet.cloud.sells(new Offer("c7g.xlarge", "eu-west-1a", false), Optional.empty());
    AgentSession kept = keepOneStopped();
    begin();
    String coldMachine = cold();
    assertThat(step(Kind.COLD).evidence())
        .contains("new machine " + coldMachine, "started after", "completed after");

    Runner stopped = fleet.only(RunnerState.STOPPED);
    fleet.queued(12, workflow.last());
    assertThat(fleet.runner(stopped.id()).state()).isEqualTo(RunnerState.STARTING);
    work(12, fleet.booted(kept), stopped);
    settle(12);
    assertThat(step(Kind.WARM).state()).isEqualTo(State.PASSED);
    assertThat(step(Kind.WARM).evidence()).contains(stopped.instance().orElseThrow(), "stopped");

    interrupted();
    rerun();
    assertThat(step(Kind.INTERRUPT).state()).isEqualTo(State.PASSED);
    assertThat(step(Kind.INTERRUPT).evidence()).contains("rerun as job 14", "on demand");

    fleet.pass(Duration.ofMinutes(3));
    assertThat(step(Kind.CLEAN_UP).state())
        .as(step(Kind.CLEAN_UP).evidence())
        .isEqualTo(State.PASSED);
    assertThat(acceptance().endedAt()).isPresent();
    assertThat(acceptance().failed()).isFalse();
    assertThat(workflow.dispatched).hasSize(3);
    assertThat(workflow.cancelled).isEmpty();
    assertThat(fleet.github.names()).isEmpty();
  }

  @Test
  void restartGoesOnWhereItWas() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    begin();
    fleet.restart();
    acceptances = fleet.accepting(workflow, () -> ills);
    fleet.pass(Duration.ofSeconds(10));
    assertThat(workflow.dispatched).as("asked once").hasSize(1);
    cold();
    assertThat(step(Kind.WARM).state()).isEqualTo(State.SKIPPED);
    assertThat(step(Kind.WARM).evidence()).contains("keeps none stopped", "desired_stopped");
    assertThat(step(Kind.INTERRUPT).state()).isEqualTo(State.RUNNING);
  }

  @Test
  void poolThatKeepsReadyMachinesStillGivesAColdStartItsOwn() {
    fleet.configure(FleetFixture.SPEC, 1, 5);
    fleet.run();
    Runner ready = fleet.only(RunnerState.BOOTING);
    fleet.enrol(ready);
    begin();
    String machine = cold();
    assertThat(machine).isNotEqualTo(ready.instance().orElseThrow());
    assertThat(fleet.runner(ready.id()).state()).isEqualTo(RunnerState.READY);
    assertThat(step(Kind.WARM).state()).isEqualTo(State.SKIPPED);
  }

  @Test
  void doctorsIllsEndItBeforeAnythingIsSpent() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    ills = List.of("disk: 3 MiB free; make room");
    begin();
    fleet.pass(Duration.ofSeconds(20));
    assertThat(states())
        .containsExactly(State.FAILED, State.SKIPPED, State.SKIPPED, State.SKIPPED, State.PASSED);
    assertThat(step(Kind.DOCTOR).evidence()).contains("make room");
    assertThat(workflow.dispatched).isEmpty();
    assertThat(fleet.cloud.launchCalls()).isZero();
    assertThat(acceptance().failed()).isTrue();
  }

  @Test
  void missingWorkflowIsAFailureWithTheWayOut() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    workflow.answers.add(
        new AcceptanceWorkflow.Dispatch.Refused("push the one of config-examples"));
    begin();
    fleet.pass(Duration.ofSeconds(20));
    assertThat(step(Kind.COLD).state()).isEqualTo(State.FAILED);
    assertThat(step(Kind.COLD).evidence()).contains("config-examples");
    assertThat(acceptance().endedAt()).isPresent();
  }

  @Test
  void lostAnswerIsAskedAgainOnlyAfterAWhile() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    workflow.lost = Optional.of(new TransientException("GitHub does not answer", null));
    begin();
    fleet.pass(Duration.ofSeconds(50));
    assertThat(workflow.dispatched).hasSize(1);
    fleet.pass(Duration.ofSeconds(20));
    assertThat(workflow.dispatched).hasSize(2);
    fleet.pass(Duration.ofMinutes(5));
    assertThat(workflow.dispatched).as("that one was answered").hasSize(2);
  }

  @Test
  void machineThatNeverComesIsAFailureAndIsCleanedUp() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    begin();
    fleet.queued(11, workflow.last());
    fleet.pass(Duration.ofMinutes(16));
    assertThat(step(Kind.COLD).state()).isEqualTo(State.FAILED);
    assertThat(step(Kind.COLD).evidence()).contains("not done after 15 minutes", "job 11");
    assertThat(workflow.cancelled).contains(RUN);
    fleet.completed(11, "", "cancelled");
    fleet.pass(Duration.ofMinutes(5));
    assertThat(step(Kind.CLEAN_UP).state())
        .as(step(Kind.CLEAN_UP).evidence())
        .isEqualTo(State.PASSED);
    assertThat(fleet.cloud.machines()).isEmpty();
  }

  @Test
  void cleaningUpThatCannotSeeGitHubFails() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    begin();
    cold();
    interrupted();
    rerun();
    fleet.github.failLists(Optional.of(new TransientException("GitHub does not answer", null)));
    fleet.pass(Duration.ofMinutes(16));
    assertThat(step(Kind.CLEAN_UP).state()).isEqualTo(State.FAILED);
    assertThat(step(Kind.CLEAN_UP).evidence())
        .contains("not done after 15 minutes", "GitHub does not answer");
    assertThat(acceptance().failed()).isTrue();
  }

  @Test
  void runnerOfAnotherJobIsLeftAlone() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    begin();
    String label = workflow.last();
    cold();
    fleet.queued(
        99, "muster/" + label.substring(label.indexOf('/') + 1)); // of the same ad hoc pool
    Runner other = onlyOfAcceptance();
    AgentSession agent = fleet.enrol(other);
    fleet.poll(agent);
    interruptedJobIsRejected();
    assertThat(step(Kind.CLEAN_UP).state())
        .as(step(Kind.CLEAN_UP).evidence())
        .isEqualTo(State.PASSED);
    assertThat(fleet.runner(other.id()).state()).isEqualTo(RunnerState.REGISTERED);
  }

  /** The third job is one that the fleet cannot serve. */
  private void interruptedJobIsRejected() {
    String label = workflow.last();
    fleet.queued(13, label.substring(0, label.indexOf('/')) + "/pool=none");
    fleet.pass(Duration.ofSeconds(30));
    assertThat(step(Kind.INTERRUPT).state()).isEqualTo(State.FAILED);
    assertThat(step(Kind.INTERRUPT).evidence()).contains("rejected", "no pool 'none'");
  }

  @Test
  void rerunOnASpotMachineFails() {
    fleet.cloud.sells(new Offer("c7g.xlarge", "eu-west-1a", true), Optional.empty());
    fleet.configure(FleetFixture.SPEC, 0, 5);
    begin();
    cold();
    interrupted();
    rerun();
    assertThat(step(Kind.INTERRUPT).state()).isEqualTo(State.FAILED);
    assertThat(step(Kind.INTERRUPT).evidence()).contains("job 14 on a spot machine");
  }

  @Test
  void jobThatIsNotRerunFails() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    begin();
    cold();
    interrupted();
    intent(RerunIntent.State.DROPPED, "not rerun: somebody said so");
    fleet.pass(Duration.ofSeconds(5));
    assertThat(step(Kind.INTERRUPT).state()).isEqualTo(State.FAILED);
    assertThat(step(Kind.INTERRUPT).evidence()).contains("somebody said so");
  }

  @Test
  void oneRunsAtATime() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    begin();
    assertThat(acceptances.begin(ANA, plan())).isEqualTo(new Begun.Another(id));
  }

  @Test
  void planNamesWhatThereIsNot() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    assertThat(acceptances.plan("acme/hello", Os.WINDOWS, Optional.empty()))
        .isInstanceOfSatisfying(
            AcceptancePlan.Impossible.class,
            plan -> assertThat(plan.reason()).contains("windows", "--pool"));
    assertThat(acceptances.plan("acme/hello", Os.LINUX, Optional.of("other")))
        .isInstanceOfSatisfying(
            AcceptancePlan.Impossible.class,
            plan -> assertThat(plan.reason()).contains("no pool other"));
    assertThat(plan().longest()).isEqualTo(Duration.ofMinutes(30));
    assertThat(plan().mostMicroUsd()).as("this cloud has no prices").isEmpty();
  }

  // ---- What happens.

  private AcceptancePlan.Possible plan() {
    AcceptancePlan plan = acceptances.plan("acme/hello", Os.LINUX, Optional.empty());
    assertThat(plan).isInstanceOf(AcceptancePlan.Possible.class);
    return (AcceptancePlan.Possible) plan;
  }

  private void begin() {
    Begun begun = acceptances.begin(ANA, plan());
    assertThat(begun).isInstanceOf(Begun.Yes.class);
    id = ((Begun.Yes) begun).acceptance().id();
    fleet.pass(Duration.ofSeconds(5));
  }

  private AgentSession keepOneStopped() {
    fleet.configure(FleetFixture.SPEC, Optional.of(FleetFixture.keepingStopped(1)));
    fleet.run();
    AgentSession agent = fleet.enrol(fleet.only(RunnerState.BOOTING));
    fleet.pass(Duration.ofMinutes(2));
    fleet.only(RunnerState.STOPPED);
    return agent;
  }

  /** The first job, on a machine of its own, which is returned. */
  private String cold() {
    fleet.queued(11, workflow.last());
    Runner runner = onlyOfAcceptance();
    work(11, fleet.enrol(runner), runner);
    settle(11);
    assertThat(step(Kind.COLD).state()).as(step(Kind.COLD).evidence()).isEqualTo(State.PASSED);
    return runner.instance().orElseThrow();
  }

  /** The third job loses its machine. */
  private void interrupted() {
    fleet.queued(13, workflow.last());
    Runner runner = onlyOfAcceptance();
    AgentSession agent = fleet.enrol(runner);
    fleet.poll(agent);
    fleet.report(agent, ++sequence, Phase.STARTING);
    fleet.started(13, runner.id().value());
    fleet.pass(Duration.ofSeconds(5));
    assertThat(fleet.cloud.terminated()).contains(runner.instance().orElseThrow());
    fleet.completed(13, runner.id().value(), "failure");
    assertThat(fleet.jobState(13)).isEqualTo(JobState.INTERRUPTED);
    fleet.pass(Duration.ofSeconds(5));
    assertThat(step(Kind.INTERRUPT).evidence()).contains("rerun is awaited");
  }

  /** GitHub reruns it as a new job. */
  private void rerun() {
    intent(RerunIntent.State.RERUN, "job 13 is rerun");
    fleet.queuedAgain(14, 2, workflow.last());
    Runner runner = onlyOfAcceptance();
    work(14, fleet.enrol(runner), runner);
    settle(14);
  }

  private void intent(RerunIntent.State state, String detail) {
    fleet.store.run(tx ->
        RerunIntents.change(
            tx, RerunIntents.find(tx, RUN, 1).orElseThrow(), state, detail, fleet.time.instant()));
  }

  private Runner onlyOfAcceptance() {
    List<Runner> found =
        fleet.runners(RunnerState.BOOTING).stream()
            .filter(r -> r.origin().pool().startsWith("default~"))
            .toList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  /** A runner takes a job and brings it to a good end. */
  private void work(long job, AgentSession agent, Runner runner) {
    fleet.poll(agent);
    fleet.report(agent, ++sequence, Phase.STARTING);
    String name = fleet.runner(runner.id()).reservation().orElseThrow().name();
    fleet.pass(Duration.ofSeconds(5));
    fleet.started(job, name);
    fleet.pass(Duration.ofSeconds(5));
    fleet.completed(job, name, "success");
    fleet.report(agent, ++sequence, Phase.FINISHED);
  }

  private void settle(long job) {
    fleet.pass(Duration.ofSeconds(20));
    assertThat(fleet.jobState(job)).isEqualTo(JobState.COMPLETED);
  }

  private Acceptance acceptance() {
    return fleet.store.read(read -> AcceptanceStore.find(read, id)).orElseThrow();
  }

  private AcceptanceStep step(Kind kind) {
    return acceptance().steps().stream().filter(s -> s.kind() == kind).findFirst().orElseThrow();
  }

  private List<State> states() {
    return acceptance().steps().stream().map(AcceptanceStep::state).toList();
  }
}
