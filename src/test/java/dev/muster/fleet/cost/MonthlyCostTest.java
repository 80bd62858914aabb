package dev.muster.fleet.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.compute.HourlyPrice;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.fleet.spec.ScheduleSpec;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MonthlyCostTest {
  private static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");
  private static final Optional<HourlyPrice> DIME = Optional.of(HourlyPrice.of(0.1, false));

  @Test
  void readyRunnersCostAllMonth() {
    MonthlyCost two = cost(DIME, pool("a", 2, List.of()));
    assertThat(two.microUsd()).isEqualTo(146_000_000);
    assertThat(two.difference(cost(DIME), "2026-01-01"))
        .isEqualTo("+$146.00 ($146.00 instead of $0.00; on demand, prices of 2026-01-01)");
    assertThat(cost(DIME).difference(two, "2026-01-01")).startsWith("-$146.00");
    assertThat(two.difference(two, "2026-01-01")).isEqualTo("$146.00, as before");
  }

  @Test
  void schedulesCountForTheirHours() {
    ScheduleSpec workdays =
        new ScheduleSpec(
            "office",
            EnumSet.range(DayOfWeek.MONDAY, DayOfWeek.FRIDAY),
            LocalTime.of(8, 0),
            LocalTime.of(18, 0),
            4,
            0);
    // 50 of 168 hours, four runners at ten cents.
    assertThat(cost(DIME, pool("a", 0, List.of(workdays))).microUsd())
        .isEqualTo(Math.round(730 * 4 * 50 / 168.0 * 100_000));
  }

  @Test
  void unknownPricesAreSaid() {
    MonthlyCost cost = cost(Optional.empty(), pool("a", 1, List.of()));
    assertThat(cost.difference(cost(DIME), "2026-01-01"))
        .isEqualTo("unknown: there is no price for the runners of a");
    assertThat(cost(Optional.empty(), pool("a", 0, List.of())).unknown())
        .as("none is kept ready")
        .isEmpty();
  }

  private static MonthlyCost cost(Optional<HourlyPrice> price, PoolSpec... pools) {
    FleetSpec fleet =
        new FleetSpec(
            new FleetSpec.Defaults(Provider.EC2, "dev", "eu-west-1", ZoneOffset.UTC, 100),
            List.of(),
            Map.of(),
            List.of(pools));
    return MonthlyCost.of(Optional.of(fleet), pool -> price, NOW);
  }

  private static PoolSpec pool(String name, int running, List<ScheduleSpec> schedules) {
    return new PoolSpec(
        name,
        RunnerSpec.forgotten("any", "ec2"),
        "dev",
        "eu-west-1",
        running,
        0,
        10,
        Duration.ofMinutes(30),
        ZoneOffset.UTC,
        schedules,
        10,
        false);
  }
}
