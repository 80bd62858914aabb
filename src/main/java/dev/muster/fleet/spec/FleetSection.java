package dev.muster.fleet.spec;

import dev.muster.config.Fields;
import dev.muster.config.Key;
import dev.muster.config.Located;
import dev.muster.config.Problems;
import dev.muster.config.Section;
import dev.muster.config.Shapes;
import dev.muster.fleet.spec.FleetSpec.Defaults;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The fleet's keys: {@code defaults}, {@code environments}, {@code runners}, {@code pools}. */
public final class FleetSection implements Section<FleetSpec> {
  static final int STANDARD_MAX_RUNNERS = 500;

  private static final Key<ZoneId> TIME_ZONE =
      Key.of("time_zone", Shapes.zone(), "Europe/Berlin", "Time zone of pools that name none.")
          .standard(ZoneId.of("UTC"));
  private static final Key<String> REGION =
      Key.of("region", Shapes.region(), "eu-west-1", "Region of pools and jobs that name none.")
          .standard("local");
  private static final Key<String> ENVIRONMENT =
      Key.of("environment", Shapes.name(), "dev", "Environment of pools and jobs that name none.")
          .standard("default");
  private static final Key<Provider> PROVIDER =
      Key.of(
              "provider",
              Shapes.choice(List.of(Provider.values()), Provider::word),
              "ec2",
              "Provider of runners that name none.")
          .standard(Provider.EC2);
  private static final Key<Integer> MAX_RUNNERS =
      Key.of(
              "max_runners",
              Shapes.whole(1, 100_000),
              "500",
              "Most runners of the whole appliance at a time.")
          .standard(STANDARD_MAX_RUNNERS);
  private static final Key<Fields> DEFAULTS =
      Key.of(
          "defaults",
          Shapes.object("defaults", List.of(TIME_ZONE, REGION, ENVIRONMENT, PROVIDER, MAX_RUNNERS)),
          "{ time_zone: Europe/Berlin, region: eu-west-1 }",
          "What holds where a pool, a runner or a job names nothing.");

  @Override
  public Class<FleetSpec> type() {
    return FleetSpec.class;
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(DEFAULTS, EnvironmentsPart.ENVIRONMENTS, RunnersPart.RUNNERS, PoolsPart.POOLS);
  }

  @Override
  public void check(Fields root, Problems problems) {
    Defaults defaults = defaults(root);
    List<Fields> runners = root.given(RunnersPart.RUNNERS).orElse(List.of());
    Map<String, Fields> byName = Named.unique(runners, RunnersPart.NAME, "runner", problems);
    runners.forEach(runner -> RunnersPart.check(runner, defaults, problems));

    root.given(EnvironmentsPart.ENVIRONMENTS)
        .ifPresent(environments -> {
          EnvironmentsPart.check(environments, problems);
          checkDefault(root, environments.keySet(), problems);
        });

    List<Fields> pools = root.given(PoolsPart.POOLS).orElse(List.of());
    Named.unique(pools, PoolsPart.NAME, "pool", problems);
    PoolsPart.Known known =
        new PoolsPart.Known(
            defaults,
            unreadable(root, RunnersPart.RUNNERS) ? Optional.empty() : Optional.of(byName),
            root.given(EnvironmentsPart.ENVIRONMENTS).map(FleetSection::plain));
    pools.forEach(pool -> PoolsPart.check(pool, known, problems));
  }

  /** Beside others that say whom they serve, one that is not listed is easily forgotten. */
  private static void checkDefault(Fields root, Set<String> listed, Problems problems) {
    root.given(DEFAULTS)
        .ifPresent(written ->
            written
                .given(ENVIRONMENT)
                .filter(name -> !listed.isEmpty() && !listed.contains(name))
                .ifPresent(name ->
                    problems.warning(
                        written.place(ENVIRONMENT),
                        "the default environment \"%s\" is not among environments: jobs of every repository run there, without a budget"
                            .formatted(name),
                        "list it, or name one of " + String.join(", ", listed))));
  }

  private static boolean unreadable(Fields root, Key<?> key) {
    return root.has(key) && root.given(key).isEmpty();
  }

  private static Map<String, Fields> plain(Map<String, Located<Fields>> located) {
    Map<String, Fields> plain = new LinkedHashMap<>();
    located.forEach((name, fields) -> plain.put(name, fields.value()));
    return plain;
  }

  @Override
  public FleetSpec build(Fields root) {
    Defaults defaults = defaults(root);
    List<Fields> pools = root.given(PoolsPart.POOLS).orElse(List.of());
    Map<String, RunnerSpec> runners = runners(root, defaults, pools);
    return new FleetSpec(
        defaults,
        List.copyOf(runners.values()),
        environments(root, defaults, pools),
        pools.stream().map(pool -> PoolsPart.build(pool, defaults, runners)).toList());
  }

  private static Defaults defaults(Fields root) {
    Optional<Fields> written = root.given(DEFAULTS);
    return new Defaults(
        value(written, PROVIDER),
        value(written, ENVIRONMENT),
        value(written, REGION),
        value(written, TIME_ZONE),
        value(written, MAX_RUNNERS));
  }

  private static <T> T value(Optional<Fields> written, Key<T> key) {
    return written
        .flatMap(fields -> fields.given(key))
        .or(key::standard)
        .orElseThrow(() -> new IllegalStateException(key.name() + " has no default"));
  }

  /** Those of the config first, then one for each instance type that a pool names. */
  private static Map<String, RunnerSpec> runners(
      Fields root, Defaults defaults, List<Fields> pools) {
    Map<String, RunnerSpec> runners = new LinkedHashMap<>();
    for (Fields written : root.given(RunnersPart.RUNNERS).orElse(List.of())) {
      RunnerSpec spec = RunnersPart.build(written, defaults);
      runners.put(spec.name(), spec);
    }
    for (Fields pool : pools) {
      PoolsPart.instanceType(pool)
          .ifPresent(type -> runners.computeIfAbsent(type, RunnersPart::ofInstanceType));
    }
    return runners;
  }

  /** Those of the config, the default one, and where the config has none those that pools name. */
  private static Map<String, EnvironmentSpec> environments(
      Fields root, Defaults defaults, List<Fields> pools) {
    Map<String, EnvironmentSpec> environments = new LinkedHashMap<>();
    root.given(EnvironmentsPart.ENVIRONMENTS)
        .orElse(Map.of())
        .forEach((name, written) ->
            environments.put(name, EnvironmentsPart.build(name, written.value())));
    environments.computeIfAbsent(defaults.environment(), EnvironmentSpec::named);
    for (Fields pool : pools) {
      environments.computeIfAbsent(PoolsPart.environment(pool, defaults), EnvironmentSpec::named);
    }
    return environments;
  }
}
