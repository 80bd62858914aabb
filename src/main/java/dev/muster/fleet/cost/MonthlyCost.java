package dev.muster.fleet.cost;

import dev.muster.fleet.compute.HourlyPrice;
import dev.muster.fleet.schedule.Schedule;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the warm runners of a config cost in a month of 730 hours, by the schedules of the coming
 * week. Jobs' own machines come on top; stopped ones cost their disks alone, which are not counted.
 *
 * @param microUsd of the pools whose price is known
 * @param estimated whether prices of another region were used
 * @param unknown pools that keep runners ready whose price is not known
 */
public record MonthlyCost(long microUsd, boolean estimated, List<String> unknown) {
  private static final double HOURS = 730;
  private static final Duration WEEK = Duration.ofDays(7);
  private static final double MICROS = 1e6;

  public MonthlyCost {
    unknown = List.copyOf(unknown);
  }

  /**
   * The cost of a config.
   *
   * @param prices of a pool's runners
   */
  public static MonthlyCost of(
      Optional<FleetSpec> config, Function<PoolSpec, Optional<HourlyPrice>> prices, Instant now) {
    long sum = 0;
    boolean estimated = false;
    List<String> unknown = new ArrayList<>();
    for (PoolSpec pool : config.map(FleetSpec::pools).orElse(List.of())) {
      double running = running(pool, now);
      if (running == 0) {
        continue;
      }
      Optional<HourlyPrice> price = prices.apply(pool);
      if (price.isEmpty()) {
        unknown.add(pool.name());
        continue;
      }
      sum += Math.round(price.get().microUsd() * running * HOURS);
      estimated |= price.get().estimated();
    }
    return new MonthlyCost(sum, estimated, unknown);
  }

  /** How many runners a pool keeps ready, on average over a week. */
  private static double running(PoolSpec pool, Instant now) {
    double seconds = 0;
    for (Schedule.Segment segment : new Schedule(pool).segments(now, now.plus(WEEK))) {
      seconds +=
          (double) segment.desired().running()
              * Duration.between(segment.from(), segment.to()).toSeconds();
    }
    return seconds / WEEK.toSeconds();
  }

  /**
   * This beside what it was before, for people.
   *
   * @param asOf the date of the prices
   */
  public String difference(MonthlyCost before, String asOf) {
    if (!unknown.isEmpty()) {
      return "unknown: there is no price for the runners of " + String.join(", ", unknown);
    }
    if (!before.unknown.isEmpty()) {
      return usd(microUsd) + "; what it was is unknown";
    }
    if (microUsd == before.microUsd) {
      return microUsd == 0 ? "nothing but the jobs' own machines" : usd(microUsd) + ", as before";
    }
    long change = microUsd - before.microUsd;
    return "%s%s (%s instead of %s; on demand, prices of %s%s)"
        .formatted(
            change > 0 ? "+" : "-",
            usd(Math.abs(change)),
            usd(microUsd),
            usd(before.microUsd),
            asOf,
            estimated || before.estimated ? ", estimated from us-east-1" : "");
  }

  private static String usd(long micros) {
    return String.format(Locale.ROOT, "$%,.2f", micros / MICROS);
  }
}
