package dev.muster.fleet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.protocol.Phase;
import dev.muster.agentlink.AgentSession;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobKeys;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.RerunIntent;
import dev.muster.fleet.job.RerunIntents;
import dev.muster.fleet.job.RunRef;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.fleet.spec.Arch;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.Range;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.fleet.spec.Spot;
import dev.muster.kernel.queue.WorkItem;
import dev.muster.kernel.queue.WorkQueue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Stories of machines that the cloud takes away. */
@Execution(ExecutionMode.CONCURRENT)
class InterruptionScenarioTest {
  private static final RunRef RUN = new RunRef("acme/hello", 1);
  private static final RunnerSpec SPOT =
      new RunnerSpec(
          "linux",
          Provider.EC2,
          Os.LINUX,
          Arch.ARM64,
          new Range(1, 1),
          new Range(1, 1),
          List.of(),
          List.of(),
          OptionalInt.empty(),
          1,
          Optional.empty(),
          Spot.PREFERRED,
          Duration.ofHours(6),
          List.of(),
          0,
          List.of(),
          false,
          false);

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
  void idleRunnerIsReplacedAndNothingIsRerun() {
    fleet.configure(SPOT, 1, 5);
    fleet.run();
    Runner idle = fleet.only(RunnerState.BOOTING);
    fleet.enrol(idle);
    assertThat(fleet.interrupted(machine(idle))).isTrue();
    fleet.pass(Duration.ofMinutes(1));
    assertThat(fleet.runner(idle.id()).state()).isEqualTo(RunnerState.TERMINATED);
    assertThat(fleet.only(RunnerState.BOOTING).id()).isNotEqualTo(idle.id());
    assertThat(intent(1)).isEmpty();
  }

  @Test
  void runnerThatWaitsForItsJobGivesItToAnother() {
    Runner runner = registered();
    fleet.interrupted(machine(runner));
    fleet.pass(Duration.ofSeconds(10));
    assertThat(fleet.github.removed()).containsExactly(runner.id().value());
    assertThat(fleet.runner(runner.id()).state()).isEqualTo(RunnerState.TERMINATED);
    fleet.enrol(fleet.only(RunnerState.BOOTING));
    assertThat(fleet.jobState(1)).isEqualTo(JobState.ASSIGNED);
    assertThat(intent(1)).isEmpty();
  }

  @Test
  void busyRunnerIsLeftToItsWorkAndAGoodEndIsOne() {
    Runner runner = busy();
    fleet.interrupted(machine(runner));
    fleet.pass(Duration.ofMinutes(1));
    assertThat(fleet.runner(runner.id()).state()).isEqualTo(RunnerState.BUSY);
    assertThat(fleet.cloud.terminated()).isEmpty();
    fleet.completed(1, runner.id().value(), "success");
    assertThat(fleet.jobState(1)).isEqualTo(JobState.COMPLETED);
    assertThat(intent(1)).isEmpty();
  }

  @Test
  void jobThatFailsOnAMachineThatIsTakenAwayIsInterruptedAndToBeRerun() {
    Runner runner = busy();
    fleet.interrupted(machine(runner));
    fleet.interrupted(machine(runner));
    fleet.pass(Duration.ofMinutes(1));
    fleet.completed(1, runner.id().value(), "failure");
    fleet.completed(1, runner.id().value(), "failure");
    assertThat(fleet.jobState(1)).isEqualTo(JobState.INTERRUPTED);
    assertThat(fleet.job(1).conclusion()).contains("failure");
    assertThat(fleet.job(1).reason()).contains("spot capacity is reclaimed");
    assertThat(intent(1)).map(RerunIntent::state).contains(RerunIntent.State.WAITING);
    assertThat(due()).isPresent();
    assertThat(audited("runner.interrupted")).isEqualTo(1);
    assertThat(audited("rerun.wanted")).isEqualTo(1);
    assertThat(events(runner)).containsOnlyOnce("interrupted");
  }

  @Test
  void agentThatSaysSoIsBelieved() {
    fleet.configure(SPOT, 0, 5);
    fleet.queued(1);
    Runner runner = fleet.only(RunnerState.BOOTING);
    AgentSession agent = fleet.enrol(runner);
    fleet.poll(agent);
    fleet.report(agent, 1, Phase.STARTING);
    fleet.started(1, runner.id().value());
    fleet.report(agent, 2, Phase.INTERRUPTED);
    fleet.completed(1, runner.id().value(), "cancelled");
    assertThat(fleet.jobState(1)).isEqualTo(JobState.INTERRUPTED);
    assertThat(intent(1)).isPresent();
  }

  @Test
  void jobOfAMachineThatWeEndOurselvesIsNotRerun() {
    fleet.configure(SPOT, 0, 5);
    fleet.queued(1);
    Runner runner = fleet.only(RunnerState.BOOTING);
    AgentSession agent = fleet.enrol(runner);
    fleet.poll(agent);
    fleet.report(agent, 1, Phase.STARTING);
    fleet.started(1, runner.id().value());
    fleet.pass(Duration.ofHours(7)); // past its hard deadline
    fleet.report(agent, 2, Phase.INTERRUPTED); // its shutdown looks alike to the agent
    fleet.completed(1, runner.id().value(), "failure");
    assertThat(fleet.jobState(1)).isEqualTo(JobState.COMPLETED);
    assertThat(intent(1)).isEmpty();
  }

  @Test
  void jobThatFailedLongBeforeTheWarningFailedByItself() {
    Runner runner = busy();
    fleet.completed(1, runner.id().value(), "failure");
    fleet.time.pass(Duration.ofMinutes(2));
    fleet.interrupted(machine(runner));
    assertThat(fleet.jobState(1)).isEqualTo(JobState.COMPLETED);
    assertThat(intent(1)).isEmpty();
  }

  @Test
  void warningThatIsHeardAfterTheEndItCausedCounts() {
    Runner runner = busy();
    fleet.completed(1, runner.id().value(), "failure");
    fleet.interrupted(machine(runner));
    assertThat(fleet.jobState(1)).isEqualTo(JobState.INTERRUPTED);
    assertThat(intent(1)).isPresent();
  }

  @Test
  void jobThatNeverRanThereIsNotInterrupted() {
    Runner runner = registered();
    fleet.github.busy(runner.id().value()); // so that it keeps its registration
    fleet.interrupted(machine(runner));
    fleet.completed(1, "", "cancelled");
    assertThat(fleet.jobState(1)).isEqualTo(JobState.COMPLETED);
    assertThat(intent(1)).isEmpty();
  }

  @Test
  void machineOfOthersIsNotKnown() {
    assertThat(fleet.interrupted("i-0000000000000000f")).isFalse();
  }

  @Test
  void rerunOfALostJobIsLaunchedOnDemand() {
    Runner runner = busy();
    assertThat(fleet.cloud.launches().getLast().spot()).isTrue();
    fleet.interrupted(machine(runner));
    fleet.completed(1, runner.id().value(), "failure");
    fleet.store.run(tx ->
        RerunIntents.change(
            tx, intent(1).orElseThrow(), RerunIntent.State.ASKED, "", fleet.time.instant()));
    fleet.queuedAgain(2, 2);
    assertThat(fleet.cloud.launches().getLast().spot()).isFalse();
    assertThat(fleet.job(2).placement().orElseThrow().pool()).startsWith("default~");
    assertThat(timeline(2)).extracting(TimelineEntry::event).contains("on demand");
    fleet.queued(3);
    assertThat(fleet.cloud.launches().getLast().spot()).as("another job").isTrue();
  }

  private Runner registered() {
    fleet.configure(SPOT, 0, 5);
    fleet.queued(1);
    Runner runner = fleet.only(RunnerState.BOOTING);
    AgentSession agent = fleet.enrol(runner);
    fleet.poll(agent);
    fleet.report(agent, 1, Phase.STARTING);
    return fleet.runner(runner.id());
  }

  private Runner busy() {
    Runner runner = registered();
    fleet.started(1, runner.id().value());
    return fleet.runner(runner.id());
  }

  private static String machine(Runner runner) {
    return runner.instance().orElseThrow();
  }

  private Optional<RerunIntent> intent(int attempt) {
    return fleet.store.read(read -> RerunIntents.find(read, RUN, attempt));
  }

  private Optional<WorkItem> due() {
    return fleet.store.read(read -> WorkQueue.find(read, JobKeys.rerun(RUN)));
  }

  private List<TimelineEntry> timeline(long job) {
    return fleet.store.read(read -> JobStore.timeline(read, new JobId(job)));
  }

  private long audited(String action) {
    return fleet.store.read(
        read -> read.count("select count(*) n from audit_entry where action = ?", action));
  }

  private List<String> events(Runner runner) {
    return fleet.store.read(read -> RunnerStore.timeline(read, runner.id())).stream()
        .map(TimelineEntry::event)
        .toList();
  }
}
