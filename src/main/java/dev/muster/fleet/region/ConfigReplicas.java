package dev.muster.fleet.region;

import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.fleet.spec.ScheduleSpec;
import dev.muster.kernel.replication.ReplicatedKind;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Pools, runner specs and environments as the config in force has them. */
public final class ConfigReplicas {
  private ConfigReplicas() {}

  /**
   * A pool.
   *
   * @param schedules in the words that a {@code runs-fleet.yml} has for them
   */
  record Pool(
      String name,
      String environment,
      String region,
      String runner,
      int desiredRunning,
      int desiredStopped,
      int max,
      long idleTimeoutMinutes,
      String timeZone,
      List<Schedule> schedules) {}

  /** A window; days count from Sunday, 0. */
  record Schedule(
      String name,
      List<Integer> daysOfWeek,
      LocalTime start,
      LocalTime end,
      int startHour,
      int endHour,
      int desiredRunning,
      int desiredStopped) {}

  record Spec(
      String name,
      String provider,
      String os,
      String arch,
      String cpu,
      String ram,
      List<String> families,
      List<String> instanceTypes,
      int disk,
      String spot,
      List<String> labels,
      String hash) {}

  /** An environment; its account's role is none of the others' business. */
  record Environment(
      String name,
      List<String> repositories,
      List<String> regions,
      Optional<String> tables,
      Optional<String> bucket,
      Optional<String> runnerGroup,
      Optional<Integer> monthlyUsd) {}

  public static List<ReplicatedKind> all(Supplier<Optional<FleetSpec>> fleet) {
    return List.of(
        new ConfigReplica("pool", fleet, ConfigReplicas::pools),
        new ConfigReplica("runner_spec", fleet, ConfigReplicas::specs),
        new ConfigReplica("environment", fleet, ConfigReplicas::environments));
  }

  private static Map<String, Object> pools(FleetSpec fleet, String environment) {
    Map<String, Object> pools = new TreeMap<>();
    fleet.pools().stream()
        .filter(pool -> pool.environment().equals(environment))
        .forEach(pool -> pools.put(pool.name(), pool(pool)));
    return pools;
  }

  private static Pool pool(PoolSpec pool) {
    return new Pool(
        pool.name(),
        pool.environment(),
        pool.region(),
        pool.runner().name(),
        pool.desiredRunning(),
        pool.desiredStopped(),
        pool.max(),
        pool.idleTimeout().toMinutes(),
        pool.zone().getId(),
        pool.schedules().stream().map(ConfigReplicas::schedule).toList());
  }

  private static Schedule schedule(ScheduleSpec schedule) {
    return new Schedule(
        schedule.name(),
        schedule.days().stream().map(ConfigReplicas::number).sorted().toList(),
        schedule.start(),
        schedule.end(),
        schedule.start().getHour(),
        schedule.end().getHour(),
        schedule.desiredRunning(),
        schedule.desiredStopped());
  }

  private static int number(DayOfWeek day) {
    return day.getValue() % 7;
  }

  private static Map<String, Object> specs(FleetSpec fleet, String environment) {
    return fleet.runners().stream()
        .collect(
            Collectors.toMap(RunnerSpec::name, ConfigReplicas::spec, (a, b) -> a, TreeMap::new));
  }

  private static Object spec(RunnerSpec spec) {
    return new Spec(
        spec.name(),
        spec.provider().word(),
        spec.os().word(),
        spec.arch().word(),
        spec.cpu().toString(),
        spec.ram().toString(),
        spec.families(),
        spec.instanceTypes(),
        spec.disk(),
        spec.spot().word(),
        spec.labels(),
        spec.hash());
  }

  private static Map<String, Object> environments(FleetSpec fleet, String environment) {
    Map<String, Object> found = new TreeMap<>();
    fleet.environment(environment).ifPresent(spec -> found.put(environment, environment(spec)));
    return found;
  }

  private static Environment environment(EnvironmentSpec spec) {
    return new Environment(
        spec.name(),
        spec.repositories(),
        spec.regions().keySet().stream().sorted().toList(),
        spec.tables(),
        spec.bucket(),
        spec.runnerGroup(),
        spec.budget().map(EnvironmentSpec.Budget::monthlyUsd));
  }
}
