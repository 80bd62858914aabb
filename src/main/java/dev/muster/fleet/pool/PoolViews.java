package dev.muster.fleet.pool;

import dev.muster.fleet.compute.Compute;
import dev.muster.fleet.cost.BudgetHold;
import dev.muster.fleet.job.Homes;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.Match;
import dev.muster.fleet.job.Matching;
import dev.muster.fleet.job.RerunIntents;
import dev.muster.fleet.runner.LaunchHistory;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerOrigin;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.kernel.store.Read;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads all that a plan for a pool is made from. */
final class PoolViews {
  private static final Set<RunnerState> SERVING =
      Set.of(RunnerState.ASSIGNED, RunnerState.REGISTERED, RunnerState.BUSY);

  private final Compute compute;
  private final Homes homes;

  PoolViews(Compute compute, Homes homes) {
    this.compute = compute;
    this.homes = homes;
  }

  /** Empty where there is no such pool and nothing is left of it. */
  Optional<PoolView> of(Read read, String name, FleetSpec config, Instant now) {
    List<Job> waiting = JobStore.of(read, name, JobState.QUEUED);
    List<Job> assigned = JobStore.of(read, name, JobState.ASSIGNED);
    List<Runner> runners = RunnerStore.living(read, name);
    Optional<PoolSpec> known =
        config.pool(name).map(pool -> homes.keeps(pool) ? pool : pool.cold());
    Optional<PoolSpec> spec =
        known
            .or(() -> adHoc(read, config, name, waiting, assigned))
            .or(() -> leftOver(config, runners));
    if (spec.isEmpty()) {
      return Optional.empty();
    }
    PoolSpec pool = spec.get();
    boolean configured = known.isPresent() || !(waiting.isEmpty() && assigned.isEmpty());
    return Optional.of(
        new PoolView(
            pool,
            configured,
            Pauses.holding(read, name, pool.environment())
                .map(Pauses.Pause::words)
                .or(() -> homes.hold(pool.environment())),
            config
                .environment(pool.environment())
                .flatMap(environment -> BudgetHold.of(read, environment, now)),
            compute.provider(pool.runner().provider().word()).stoppable(),
            waiting,
            assigned,
            runners,
            reserved(read, runners, waiting, assigned),
            finished(read, runners, assigned),
            LaunchHistory.readyAfter(read, name).orElse(PoolView.UNMEASURED),
            Integer.MAX_VALUE,
            failures(read, name),
            now));
  }

  private static Optional<PoolSpec> adHoc(
      Read read, FleetSpec config, String name, List<Job> waiting, List<Job> assigned) {
    Matching matching = new Matching(config);
    return Stream.concat(waiting.stream(), assigned.stream())
        .map(job -> matching.match(job.facts(), RerunIntents.onDemand(read, job.facts())))
        .filter(Match.Served.class::isInstance)
        .map(match -> ((Match.Served) match).pool())
        .filter(p -> p.name().equals(name))
        .findFirst();
  }

  /** A pool that only its runners remember: enough of a spec to drain it. */
  private static Optional<PoolSpec> leftOver(FleetSpec config, List<Runner> runners) {
    return runners.stream()
        .findFirst()
        .map(runner -> {
          RunnerOrigin origin = runner.origin();
          RunnerSpec spec =
              config
                  .runner(origin.spec())
                  .orElseGet(() -> RunnerSpec.forgotten(origin.spec(), origin.provider()));
          return new PoolSpec(
              origin.pool(),
              spec,
              origin.environment(),
              origin.region(),
              0,
              0,
              runners.size(),
              Duration.ofMinutes(5),
              config.defaults().timeZone(),
              List.of(),
              10,
              origin.pool().contains("~"));
        });
  }

  private static Map<JobId, JobFacts> reserved(
      Read read, List<Runner> runners, List<Job> waiting, List<Job> assigned) {
    Map<JobId, JobFacts> facts = new HashMap<>();
    for (Runner runner : runners) {
      if (runner.state() != RunnerState.ASSIGNED && runner.state() != RunnerState.REGISTERED) {
        continue;
      }
      JobId job = runner.reservation().orElseThrow().job();
      boolean seen =
          waiting.stream().anyMatch(j -> j.id().equals(job))
              || assigned.stream().anyMatch(j -> j.id().equals(job));
      if (!seen) {
        JobStore.find(read, job).ifPresent(j -> facts.put(job, j.facts()));
      }
    }
    return facts;
  }

  /** Of jobs whose runners are on their way out: GitHub's word comes later than the agents'. */
  private static Map<JobId, Instant> finished(Read read, List<Runner> runners, List<Job> assigned) {
    Set<RunnerId> serving =
        runners.stream()
            .filter(runner -> SERVING.contains(runner.state()))
            .map(Runner::id)
            .collect(Collectors.toSet());
    Map<JobId, Instant> finished = new HashMap<>();
    for (Job job : assigned) {
      job.runner()
          .map(RunnerId::new)
          .filter(id -> !serving.contains(id))
          .flatMap(id -> RunnerStore.finishedAt(read, id))
          .ifPresent(at -> finished.put(job.id(), at));
    }
    return finished;
  }

  /** How many more runners a pool may have; it takes a count over all pools. */
  static int room(Read read, FleetSpec config, PoolSpec pool) {
    int room = config.defaults().maxRunners() - RunnerStore.countAlive(read);
    if (pool.runner().provider() == Provider.LOCAL) {
      room =
          Math.min(
              room, pool.runner().slots() - RunnerStore.takingSlots(read, pool.runner().name()));
    }
    return Math.max(0, room);
  }

  /** Counted by launches: one answer of the provider may fail many runners at once. */
  private static PoolView.Failures failures(Read read, String pool) {
    List<LaunchHistory.Attempt> failed =
        LaunchHistory.attempts(read, pool, 12).stream()
            .takeWhile(attempt -> attempt.ready() == 0)
            .filter(attempt -> attempt.open() == 0)
            .toList();
    return failed.isEmpty()
        ? PoolView.Failures.NONE
        : new PoolView.Failures(
            failed.size(), Optional.of(failed.getFirst().at()), failed.getFirst().reason());
  }
}
