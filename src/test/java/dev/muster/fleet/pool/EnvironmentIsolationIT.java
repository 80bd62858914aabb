package dev.muster.fleet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agentlink.AgentSession;
import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.RunnerSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever configs come one after another, and whatever happens to jobs and machines meanwhile: an
 * environment's job never gets another one's pool, runner, region or launch, and never an
 * environment that does not list its repository.
 */
@Execution(ExecutionMode.CONCURRENT)
class EnvironmentIsolationIT {
  private static final List<String> ENVIRONMENTS = List.of("dev", "prod", "ops");
  private static final List<String> REGIONS = List.of("eu-west-1", "us-east-1");
  private static final List<String> POOLS = List.of("default", "second", "third");
  private static final List<String> LABELS =
      List.of(
          "muster/pool=default",
          "muster/pool=second",
          "muster/pool=third",
          "muster",
          "muster/runner=linux",
          "muster/env=prod",
          "muster/env=dev/region=us-east-1",
          "muster/env=ops/disk=200",
          "muster/pool=default/disk=300",
          "muster/pool=second/env=prod",
          "muster/env=prod/region=nowhere");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 5, 6, 7})
  void jobsOfAnEnvironmentNeverLeaveIt(long seed) {
    try (FleetFixture fleet = new FleetFixture(folder)) {
      new Story(fleet, new Random(seed)).tell();
    }
  }

  @Test
  void jobThatLosesItsRunnerWhileItsPoolMovesIsPlacedAnew() {
    try (FleetFixture fleet = new FleetFixture(folder)) {
      fleet.configure(config(Map.of("dev", "*/*", "prod", "acme/*"), List.of(pool("dev", 0, 0))));
      fleet.queued(1);
      Runner lost = fleet.only(RunnerState.BOOTING);
      fleet.enrol(lost);
      assertThat(fleet.jobState(1)).isEqualTo(JobState.ASSIGNED);
      fleet.configure(config(Map.of("dev", "*/*", "prod", "other/*"), List.of(pool("prod", 0, 0))));
      fleet.run();
      assertThat(fleet.job(1).placement().orElseThrow().environment()).isEqualTo("dev");
      fleet.cloud.vanish(fleet.runner(lost.id()).instance().orElseThrow());
      fleet.pass(Duration.ofMinutes(20));
      assertThat(fleet.jobState(1)).isEqualTo(JobState.REJECTED);
      assertThat(fleet.job(1).reason().orElseThrow())
          .isEqualTo("environment 'prod' does not serve repository acme/hello");
      assertThat(fleet.cloud.launches()).extracting(LaunchRequest::environment).containsOnly("dev");
    }
  }

  /** One random story, checked after each of its turns. */
  private static final class Story {
    private final FleetFixture fleet;
    private final Random random;
    private final Map<RunnerId, AgentSession> agents = new HashMap<>();
    private final Map<RunnerId, JobId> told = new HashMap<>();
    private final Set<String> served = new HashSet<>();
    private FleetSpec config;
    private long jobs;
    private int assignments;

    Story(FleetFixture fleet, Random random) {
      this.fleet = fleet;
      this.random = random;
      this.config = next();
      fleet.configure(config);
    }

    void tell() {
      for (int turn = 0; turn < 60; turn++) {
        turn();
        check();
      }
      assertThat(assignments).as("something was served, or nothing was tried").isPositive();
    }

    private void turn() {
      switch (random.nextInt(8)) {
        case 0 -> {
          config = next();
          fleet.configure(config);
          fleet.run();
        }
        case 1, 2, 3 -> fleet.queued(++jobs, LABELS.get(random.nextInt(LABELS.size())));
        case 4, 5 ->
            fleet
                .runners(RunnerState.BOOTING)
                .forEach(r -> {
                  if (!agents.containsKey(r.id())) {
                    agents.put(r.id(), fleet.enrol(r));
                  }
                });
        case 6 -> finishOne();
        default -> fleet.pass(Duration.ofMinutes(1 + random.nextInt(20)));
      }
    }

    private void finishOne() {
      fleet.runners(RunnerState.ASSIGNED, RunnerState.REGISTERED).stream()
          .filter(r -> agents.containsKey(r.id()))
          .findFirst()
          .ifPresent(r -> {
            long job = r.reservation().orElseThrow().job().value();
            String name = r.reservation().orElseThrow().name();
            if (random.nextBoolean()) {
              fleet.cloud.vanish(r.instance().orElseThrow());
            } else {
              fleet.started(job, name);
              fleet.completed(job, name, "success");
            }
          });
    }

    private void check() {
      List<Runner> runners =
          fleet.store.read(read ->
              RunnerStore.newest(
                  read, Optional.empty(), Optional.empty(), Optional.empty(), 10_000));
      for (Runner runner : runners) {
        runner
            .reservation()
            .ifPresent(reservation -> {
              if (!reservation.job().equals(told.put(runner.id(), reservation.job()))) {
                assignments++;
                Job job = fleet.job(reservation.job().value());
                assertThat(job.placement().orElseThrow().environment())
                    .as("job %s on %s", job.facts().labels(), runner)
                    .isEqualTo(runner.origin().environment());
                assertThat(job.placement().orElseThrow().region())
                    .isEqualTo(runner.origin().region());
              }
            });
      }
      for (Job job : fleet.store.read(read -> JobStore.in(read, JobState.QUEUED, 1_000))) {
        job.placement()
            .ifPresent(place -> {
              EnvironmentSpec environment = config.environment(place.environment()).orElseThrow();
              assertThat(environment.serves(job.facts().repository()))
                  .as("%s placed in %s", job.facts().labels(), environment)
                  .isTrue();
              String label = job.facts().labels().getFirst();
              if (label.contains("env=")) {
                assertThat(label).contains("env=" + place.environment());
              }
            });
      }
      for (LaunchRequest launch : fleet.cloud.launches()) {
        if (served.add(launch.launch())) {
          config
              .pool(launch.pool())
              .ifPresent(pool -> assertThat(launch.environment()).isEqualTo(pool.environment()));
          assertThat(config.environments()).containsKey(launch.environment());
        }
      }
    }

    private FleetSpec next() {
      Map<String, String> served = new HashMap<>();
      for (String name : ENVIRONMENTS) {
        if (name.equals("dev") || random.nextInt(4) > 0) {
          served.put(name, random.nextInt(3) == 0 ? "other/*" : "acme/*");
        }
      }
      List<String> names = List.copyOf(served.keySet());
      List<PoolSpec> pools = new ArrayList<>();
      for (String name : POOLS) {
        if (random.nextInt(4) > 0) {
          pools.add(
              pool(
                  name,
                  names.get(random.nextInt(names.size())),
                  REGIONS.get(random.nextInt(2)),
                  random.nextInt(2),
                  random.nextInt(3)));
        }
      }
      return config(served, pools);
    }
  }

  private static PoolSpec pool(String environment, int running, int stopped) {
    return pool("default", environment, "eu-west-1", running, stopped);
  }

  private static PoolSpec pool(
      String name, String environment, String region, int running, int stopped) {
    return new PoolSpec(
        name,
        FleetFixture.SPEC,
        environment,
        region,
        running,
        stopped,
        20,
        Duration.ofMinutes(10),
        ZoneId.of("UTC"),
        List.of(),
        10,
        false);
  }

  private static FleetSpec config(Map<String, String> served, List<PoolSpec> pools) {
    Map<String, EnvironmentSpec> environments = new HashMap<>();
    served.forEach((name, pattern) -> {
      EnvironmentSpec bare = EnvironmentSpec.named(name);
      environments.put(
          name,
          new EnvironmentSpec(
              name,
              List.of(pattern),
              Optional.empty(),
              Map.of(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              bare.allow(),
              Optional.empty(),
              Map.of()));
    });
    RunnerSpec spec = FleetFixture.SPEC;
    return new FleetSpec(
        new FleetSpec.Defaults(Provider.EC2, "dev", "eu-west-1", ZoneId.of("UTC"), 1_000),
        List.of(spec),
        environments,
        pools);
  }
}
