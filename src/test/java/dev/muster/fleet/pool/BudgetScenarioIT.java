package dev.muster.fleet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.protocol.Phase;
import dev.muster.agentlink.AgentSession;
import dev.muster.fleet.compute.HourlyPrice;
import dev.muster.fleet.compute.Offer;
import dev.muster.fleet.cost.BudgetHold;
import dev.muster.fleet.cost.CostLedger;
import dev.muster.fleet.cost.EnvironmentSpend;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.region.CostReplica;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.EnvironmentSpec.Budget;
import dev.muster.fleet.spec.Environments;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.replication.Item;
import dev.muster.kernel.replication.Mirrored;
import dev.muster.status.Metrics;
import dev.muster.status.StateGauges;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A budget of 10 dollars, machines of 2 dollars an hour: from the first alert to the next month.
 */
@Execution(ExecutionMode.CONCURRENT)
class BudgetScenarioIT {
  @TempDir private Path folder;
  private FleetFixture fleet;

  @BeforeEach
  void open() {
    fleet = new FleetFixture(folder);
    fleet.cloud.sells(
        new Offer("c7g.xlarge", "eu-west-1a", false), Optional.of(HourlyPrice.of(2, false)));
  }

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void alertsOnceAtEachPercentageAndSaysSoAfterARestart() {
    configure(10, OptionalInt.empty(), 0);
    run(1);
    fleet.pass(Duration.ofMinutes(160)); // 160 minutes are $5.33
    assertThat(notices()).singleElement().asString().contains("50% or more of its budget of $10");
    long alerts = alerts();
    fleet.restart();
    fleet.pass(Duration.ofMinutes(30));
    assertThat(alerts()).as("once").isEqualTo(alerts).isEqualTo(1);
    fleet.pass(Duration.ofMinutes(60)); // $8.3
    assertThat(notices()).singleElement().asString().contains("80% or more of its budget of $10");
    assertThat(alerts()).isEqualTo(2);
    fleet.pass(Duration.ofHours(10));
    assertThat(alerts()).as("50, 80 and 100").isEqualTo(3);
    fleet.store.run(tx -> Notices.settle(tx, "budget-dev"));
    fleet.pass(Duration.ofHours(1));
    assertThat(notices()).as("settled once is settled").isEmpty();
  }

  @Test
  void alertComesWhenThePercentageIsReachedAndNotWithTheNextRegularLook() {
    configure(10, OptionalInt.empty(), 0);
    run(1);
    Instant from = fleet.time.instant();
    while (notices().isEmpty()) {
      fleet.pass(Duration.ofMinutes(1));
      assertThat(fleet.time.instant()).isBefore(from.plus(Duration.ofHours(3)));
    }
    assertThat(Duration.between(from, fleet.time.instant()))
        .isBetween(Duration.ofMinutes(148), Duration.ofMinutes(152));
  }

  @Test
  void whatOtherRegionsSpentThisMonthCounts() {
    configure(10, OptionalInt.of(100), 0);
    CostReplica costs = new CostReplica(new WorkQueue(), fleet.time);
    told(costs, "2026-02-28", 50_000_000); // of another month
    told(costs, "2026-03-01", 9_000_000);
    fleet.pass(Duration.ofMinutes(16));
    run(1);
    assertThat(fleet.cloud.launches()).hasSize(1);
    told(costs, "2026-03-02", 1_500_000);
    fleet.pass(Duration.ofMinutes(16));
    fleet.queued(2);
    fleet.pass(Duration.ofMinutes(1));
    assertThat(fleet.cloud.launches()).as("held").hasSize(1);
    assertThat(why(2)).contains("environment dev has spent 100% of its budget of $10");
  }

  private void told(CostReplica costs, String day, long microUsd) {
    String body =
        """
        {"day":"%s","environment":"dev","pool":"p","repository":"acme/shop","region":"us-east-1",
         "micro_usd":%d,"estimated_micro_usd":0,"unpriced_seconds":0}
        """
            .formatted(day, microUsd);
    Item item =
        new Item(
            new Item.Key("us-east-1", CostLedger.KIND, day + "|us-east-1|p|acme/shop"),
            1,
            1,
            fleet.time.instant(),
            false,
            Optional.empty(),
            body);
    fleet.store.run(tx -> {
      Mirrored.keep(tx, "dev", item, fleet.time.instant());
      costs.arrived(tx, "dev", item);
    });
  }

  @Test
  void holdStopsNewMachinesOnlyAndEveryJobThatWaitsSaysWhy() {
    configure(10, OptionalInt.of(100), 0);
    AgentSession agent = run(1);
    fleet.pass(Duration.ofMinutes(301));
    fleet.queued(2);
    fleet.pass(Duration.ofMinutes(5));
    assertThat(fleet.jobState(1)).as("what runs is left alone").isEqualTo(JobState.RUNNING);
    assertThat(fleet.jobState(2)).isEqualTo(JobState.QUEUED);
    assertThat(fleet.cloud.launches()).hasSize(1);
    String why = why(2);
    assertThat(why)
        .isEqualTo(
            "environment dev has spent 100% of its budget of $10 for 2026-03: it gets new machines"
                + " from 2026-04-01 on, with a larger budget, or after 'muster resume environment"
                + " dev'");
    assertThat(held(2)).containsExactly(why);
    fleet.queued(3);
    fleet.pass(Duration.ofMinutes(5));
    assertThat(held(3)).as("a later job says so too").containsExactly(why);
    assertThat(held(2)).as("once").containsExactly(why);
    assertThat(notices()).singleElement().asString().contains("it gets no new machines");

    Runner busy = fleet.only(RunnerState.BUSY);
    fleet.completed(1, busy.id().value(), "success");
    fleet.report(agent, 2, Phase.FINISHED);
    fleet.pass(Duration.ofMinutes(10));
    assertThat(fleet.cloud.machines()).isEmpty();
    fleet.time.pass(Duration.between(fleet.time.instant(), Instant.parse("2026-03-31T23:58:30Z")));
    fleet.pass(Duration.ofSeconds(80));
    assertThat(fleet.cloud.launches()).as("held until the month ends").hasSize(1);
    fleet.pass(Duration.ofSeconds(20));
    assertThat(fleet.cloud.launches()).as("a new month, a new budget").hasSize(2);
    fleet.pass(Duration.ofMinutes(2));
    assertThat(notices()).as("last month's").isEmpty();
  }

  @Test
  void largerBudgetEndsTheHoldAndSoDoesAnOperator() {
    configure(10, OptionalInt.of(100), 0);
    run(1);
    fleet.pass(Duration.ofMinutes(301));
    fleet.queued(2);
    fleet.pass(Duration.ofSeconds(1));
    assertThat(fleet.cloud.launches()).hasSize(1);
    configure(20, OptionalInt.of(100), 0);
    fleet.pass(Duration.ofSeconds(1));
    assertThat(fleet.cloud.launches()).as("a larger budget").hasSize(2);
    assertThat(notices()).singleElement().asString().contains("100% or more of its budget of $10");

    configure(10, OptionalInt.of(100), 0);
    fleet.queued(3);
    fleet.pass(Duration.ofSeconds(1));
    assertThat(fleet.cloud.launches()).hasSize(2);
    fleet.store.run(tx -> BudgetHold.lift(tx, "dev", fleet.time.instant(), "ana"));
    fleet.pass(Duration.ofMinutes(2));
    assertThat(fleet.cloud.launches()).as("an operator").hasSize(3);
  }

  @Test
  void heldPoolStartsStoppedMachinesForJobsAndKeepsNothingWarm() {
    configure(10, OptionalInt.of(100), 1);
    fleet.run();
    fleet.pass(Duration.ofMinutes(1));
    fleet.enrol(fleet.only(RunnerState.BOOTING)); // becomes the stopped one
    fleet.pass(Duration.ofMinutes(3));
    Runner stopped = fleet.only(RunnerState.STOPPED);
    run(1, "muster/env=dev/disk=200");
    fleet.pass(Duration.ofMinutes(310));
    int launches = fleet.cloud.launches().size();
    fleet.queued(2);
    fleet.pass(Duration.ofMinutes(1));
    assertThat(fleet.runner(stopped.id()).state()).isNotEqualTo(RunnerState.STOPPED);
    assertThat(fleet.cloud.launches()).as("its place stays empty").hasSize(launches);
  }

  @Test
  void whatHasNoPriceIsNotTakenForNothing() {
    fleet.cloud.sells(new Offer("x9.large", "eu-west-1a", false), Optional.empty());
    configure(10, OptionalInt.of(100), 0);
    run(1);
    fleet.pass(Duration.ofHours(2));
    EnvironmentSpend spend =
        fleet.store.read(read -> EnvironmentSpend.find(read, "dev")).orElseThrow();
    assertThat(spend.unpricedMachines()).isEqualTo(1);
    assertThat(spend.microUsd()).isZero();
  }

  @Test
  void metricsHaveSpendAndRatio() {
    configure(10, OptionalInt.of(100), 0);
    run(1);
    fleet.pass(Duration.ofHours(2));
    double ratio =
        ((GaugeSnapshot)
                new StateGauges(fleet.store.database(), new Metrics(), fleet::config, fleet.time)
                    .collect().stream()
                        .filter(m ->
                            m.getMetadata().getName().equals("muster_environment_budget_ratio"))
                        .findFirst()
                        .orElseThrow())
            .getDataPoints()
            .getFirst()
            .getValue();
    assertThat(ratio).as("two hours at $2 of $10").isBetween(0.39, 0.41);
  }

  @Test
  void spendBetweenTwoAccountsIsEstimatedFromWhatRuns() {
    configure(1_000, OptionalInt.empty(), 0);
    run(1);
    fleet.pass(Duration.ofMinutes(50));
    EnvironmentSpend spend =
        fleet.store.read(read -> EnvironmentSpend.find(read, "dev")).orElseThrow();
    Instant later = spend.asOf().plus(Duration.ofMinutes(30));
    assertThat(spend.hourlyMicroUsd()).isEqualTo(2_000_000);
    assertThat(spend.at(later)).isEqualTo(spend.microUsd() + 1_000_000);
    Instant april = Instant.parse("2026-04-01T01:00:00Z");
    assertThat(spend.at(april)).as("the first hour of a month").isEqualTo(2_000_000);
  }

  // ----

  private AgentSession run(long job) {
    return run(job, "muster/pool=default");
  }

  /** A job gets its machine and runs. */
  private AgentSession run(long job, String label) {
    fleet.queued(job, label);
    fleet.pass(Duration.ofSeconds(1));
    Runner runner = fleet.only(RunnerState.BOOTING);
    AgentSession agent = fleet.enrol(runner);
    fleet.report(agent, 1, Phase.STARTING);
    fleet.started(job, runner.id().value());
    return agent;
  }

  private void configure(int usd, OptionalInt holdAt, int stopped) {
    EnvironmentSpec dev =
        Environments.named("dev").budget(new Budget(usd, List.of(50, 80, 100), holdAt)).spec();
    PoolSpec pool =
        new PoolSpec(
            FleetFixture.POOL,
            FleetFixture.SPEC,
            "dev",
            "eu-west-1",
            0,
            stopped,
            10,
            Duration.ofMinutes(30),
            ZoneId.of("UTC"),
            List.of(),
            10,
            false);
    fleet.configure(
        new FleetSpec(
            new FleetSpec.Defaults(Provider.EC2, "dev", "eu-west-1", ZoneId.of("UTC"), 1_000),
            List.of(FleetFixture.SPEC),
            Map.of("dev", dev),
            List.of(pool)));
    fleet.pass(Duration.ofMillis(10));
  }

  private List<String> notices() {
    return fleet.store.read(Notices::all).stream().map(Notices.Notice::message).toList();
  }

  private long alerts() {
    return fleet.store.read(read -> read.count("select count(*) n from budget_alert"));
  }

  private String why(long job) {
    return fleet
        .store
        .read(read -> PoolDecisions.about(read, FleetFixture.POOL, job))
        .orElseThrow();
  }

  private List<String> held(long job) {
    return fleet.store.read(read -> JobStore.timeline(read, new JobId(job))).stream()
        .filter(line -> line.event().equals("held"))
        .map(TimelineEntry::detail)
        .toList();
  }
}
