package dev.muster.fleet.pool;

import static dev.muster.fleet.runner.RunnerState.BUSY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.protocol.Instruction;
import dev.muster.agent.protocol.Phase;
import dev.muster.agentlink.AgentSession;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.kernel.notice.Notices;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cloud, GitHub, or both answer nothing for a while. */
@Execution(ExecutionMode.CONCURRENT)
class OutageScenarioTest {
  @TempDir private Path folder;
  private FleetFixture fleet;
  private final Map<String, AgentSession> agents = new HashMap<>();

  @BeforeEach
  void open() {
    fleet = new FleetFixture(folder);
  }

  @AfterEach
  void close() {
    fleet.close();
  }

  /** Machines boot, and ask what to do, as long as they have nothing to do. */
  private void machines() {
    fleet.runners(RunnerState.BOOTING).stream()
        .filter(runner -> runner.instance().isPresent())
        .forEach(runner -> agents.computeIfAbsent(runner.id().value(), id -> fleet.enrol(runner)));
    for (Runner runner : fleet.runners(RunnerState.ASSIGNED, RunnerState.REGISTERED)) {
      AgentSession agent = agents.get(runner.id().value());
      if (agent != null && fleet.poll(agent).orElse(null) instanceof Instruction.Assign) {
        fleet.report(agent, 1, Phase.STARTING);
      }
    }
  }

  private void pass(int minutes) {
    for (int i = 0; i < minutes * 2; i++) {
      fleet.pass(Duration.ofSeconds(30));
      machines();
    }
  }

  private Runner runnerOf(long job) {
    return fleet.runners(RunnerState.REGISTERED, RunnerState.BUSY).stream()
        .filter(runner -> runner.reservation().orElseThrow().job().value() == job)
        .findFirst()
        .orElseThrow();
  }

  private String start(long job) {
    String name = runnerOf(job).reservation().orElseThrow().name();
    fleet.started(job, name);
    return name;
  }

  private void finish(long job, String name) {
    Runner runner = runnerOf(job);
    fleet.completed(job, name, "success");
    AgentSession agent = Objects.requireNonNull(agents.get(runner.id().value()));
    fleet.report(agent, 2, Phase.FINISHED);
  }

  @ParameterizedTest(name = "cloud down {0}, GitHub down {1}")
  @CsvSource({"true, false", "false, true", "true, true"})
  void aQuarterOfAnHourDelaysAndLosesNothing(boolean cloudIsDown, boolean gitHubIsDown) {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    fleet.queued(1);
    machines();
    machines();
    String working = start(1);
    List<String> machine = fleet.cloud.machines();
    assertThat(machine).hasSize(1);

    fleet.cloud.down(cloudIsDown);
    fleet.github.down(gitHubIsDown);
    fleet.queued(2);
    pass(15);
    assertThat(fleet.jobState(1)).isEqualTo(JobState.RUNNING);
    assertThat(fleet.cloud.machines()).as("what works is left alone").containsAll(machine);
    assertThat(fleet.jobState(2)).isIn(JobState.QUEUED, JobState.ASSIGNED);
    assertThat(fleet.cloud.machines()).hasSize(cloudIsDown ? 1 : 2);

    fleet.cloud.down(false);
    fleet.github.down(false);
    pass(3);
    assertThat(fleet.cloud.machines()).as("one machine for each").hasSize(2);
    finish(2, start(2));
    finish(1, working);
    pass(15);
    assertThat(fleet.jobState(1)).isEqualTo(JobState.COMPLETED);
    assertThat(fleet.jobState(2)).isEqualTo(JobState.COMPLETED);
    assertThat(fleet.cloud.machines()).isEmpty();
    assertThat(fleet.github.names()).isEmpty();
  }

  @Test
  void anAccountThatDoesNotAnswerHidesItsOwnMachinesAlone() {
    twoJobs();
    String first = start(1);
    Runner away = runnerOf(1);
    Runner seen = runnerOf(2);
    String second = start(2);

    fleet.cloud.hide(launch(away));
    pass(15);
    assertThat(fleet.runner(away.id()).state()).as("nothing is believed").isEqualTo(BUSY);
    finish(1, first);
    finish(2, second);
    pass(15);
    assertThat(fleet.runner(seen.id()).state()).isEqualTo(RunnerState.TERMINATED);
    assertThat(fleet.runner(away.id()).state()).isEqualTo(RunnerState.TERMINATING);
    assertThat(fleet.cloud.machines()).containsExactly(away.instance().orElseThrow());
    assertThat(notices()).singleElement().asString().contains("eu-west-1", "its role is gone");

    fleet.cloud.hide(List.of());
    pass(2);
    assertThat(fleet.cloud.machines()).isEmpty();
    assertThat(notices()).isEmpty();
  }

  @Test
  void stoppedMachineThatCannotBeReachedKeepsNoJobWaiting() {
    fleet.configure(FleetFixture.SPEC, Optional.of(FleetFixture.keepingStopped(1)));
    pass(3);
    Runner away = fleet.only(RunnerState.STOPPED);
    fleet.cloud.hide(launch(away));
    fleet.queued(1);
    pass(15);
    Runner other = runnerOf(1);
    assertThat(other.origin().launch()).isNotEqualTo(away.origin().launch());
    start(1);
    assertThat(fleet.jobState(1)).isEqualTo(JobState.RUNNING);
  }

  @Test
  void machineThatCannotBeEndedKeepsNoLostOneFromBeingReplaced() {
    twoJobs();
    Runner done = runnerOf(1);
    Runner lost = runnerOf(2);
    fleet.cloud.keepMachines(true);
    finish(1, start(1));
    fleet.cloud.vanish(lost.instance().orElseThrow());
    pass(20);
    assertThat(fleet.runner(done.id()).state()).isEqualTo(RunnerState.TERMINATING);
    assertThat(runnerOf(2).id()).isNotEqualTo(lost.id());
    fleet.cloud.keepMachines(false);
    pass(20);
    assertThat(fleet.runner(done.id()).state()).isEqualTo(RunnerState.TERMINATED);
  }

  /** Each has a runner that GitHub knows. */
  private void twoJobs() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    fleet.queued(1);
    fleet.queued(2);
    machines();
    machines();
  }

  private static List<String> launch(Runner runner) {
    return List.of(runner.origin().launch().value());
  }

  private List<Notices.Notice> notices() {
    return fleet.store.read(Notices::all);
  }
}
