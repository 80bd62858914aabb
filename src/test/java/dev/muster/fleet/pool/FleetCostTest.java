package dev.muster.fleet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.protocol.Phase;
import dev.muster.agentlink.AgentSession;
import dev.muster.fleet.compute.HourlyPrice;
import dev.muster.fleet.compute.Offer;
import dev.muster.fleet.cost.CostLedger;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerState;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines of a fleet are accounted for once, and to the job that had them. */
class FleetCostTest {
  @TempDir private Path folder;
  private FleetFixture fleet;

  @BeforeEach
  void open() {
    fleet = new FleetFixture(folder);
    fleet.cloud.sells(
        new Offer("c7g.xlarge", "eu-west-1a", true), Optional.of(HourlyPrice.of(0.36, false)));
  }

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void jobPaysFromItsAssignmentAndThePoolForTheRest() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    fleet.queued(1);
    fleet.pass(Duration.ofSeconds(100));
    Runner runner = fleet.only(RunnerState.BOOTING);
    AgentSession agent = fleet.enrol(runner);
    fleet.report(agent, 1, Phase.STARTING);
    fleet.started(1, runner.id().value());
    fleet.pass(Duration.ofMinutes(30)); // a look in the middle of it
    fleet.completed(1, runner.id().value(), "success");
    fleet.report(agent, 2, Phase.FINISHED);
    fleet.pass(Duration.ofMinutes(60));

    assertThat(fleet.runner(runner.id()).state()).isEqualTo(RunnerState.TERMINATED);
    // Half an hour at 36 cents, and the few seconds until the machine was told to end.
    long micros =
        fleet.store.read(read -> CostLedger.of(read, new JobId(1))).orElseThrow().microUsd();
    assertThat(micros).isBetween(180_000L, 181_000L);
    List<CostLedger.Sum> byRepository = sums(CostLedger.By.REPOSITORY);
    assertThat(byRepository).hasSize(2);
    assertThat(byRepository.getFirst().name()).isNotEmpty();
    assertThat(byRepository.getLast().name()).as("booting").isEmpty();
    assertThat(byRepository.getLast().microUsd()).isBetween(9_000L, 11_000L);
  }

  @Test
  void whatHasNoPriceIsCountedInHoursAndNotAsNothing() {
    fleet.cloud.sells(new Offer("x9.large", "eu-west-1a", false), Optional.empty());
    fleet.configure(FleetFixture.SPEC, 1, 5);
    fleet.run();
    fleet.enrol(fleet.only(RunnerState.BOOTING));
    fleet.pass(Duration.ofHours(1));
    CostLedger.Sum sum = sums(CostLedger.By.POOL).getFirst();
    assertThat(sum.microUsd()).isZero();
    assertThat(sum.unpricedSeconds()).isBetween(2_000L, 3_600L);
  }

  private List<CostLedger.Sum> sums(CostLedger.By by) {
    LocalDate day = LocalDate.of(2000, 1, 1);
    return fleet.store.read(read -> CostLedger.sums(read, by, day, day.plusYears(100)));
  }
}
