package dev.muster.fleet.spec;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The fleet as a config describes it. Names are unique and references hold: every pool's
 * environment is among {@code environments}.
 *
 * @param runners in the order of the config
 * @param environments by name, the default one included
 * @param pools in the order of the config
 */
public record FleetSpec(
    Defaults defaults,
    List<RunnerSpec> runners,
    Map<String, EnvironmentSpec> environments,
    List<PoolSpec> pools) {
  public FleetSpec {
    runners = List.copyOf(runners);
    environments = Map.copyOf(environments);
    pools = List.copyOf(pools);
  }

  /**
   * What holds where a pool, a runner or a job names nothing.
   *
   * @param maxRunners the most runners of the whole appliance at a time
   */
  public record Defaults(
      Provider provider,
      String environment,
      String region,
      java.time.ZoneId timeZone,
      int maxRunners) {}

  public Optional<RunnerSpec> runner(String name) {
    return runners.stream().filter(r -> r.name().equals(name)).findFirst();
  }

  public Optional<PoolSpec> pool(String name) {
    return pools.stream().filter(p -> p.name().equals(name)).findFirst();
  }

  public Optional<EnvironmentSpec> environment(String name) {
    return Optional.ofNullable(environments.get(name));
  }
}
