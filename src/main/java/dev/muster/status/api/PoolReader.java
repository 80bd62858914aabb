package dev.muster.status.api;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.Placement;
import dev.muster.fleet.pool.Pauses;
import dev.muster.fleet.pool.PoolDecisions;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.fleet.schedule.Desired;
import dev.muster.fleet.schedule.Schedule;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Read;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads pools: those of the config, and those that only jobs or runners still name. */
public final class PoolReader {
  private static final Duration DAY = Duration.ofHours(24);
  private static final int DECISIONS = 50;

  private final Database database;
  private final Supplier<Optional<FleetSpec>> fleet;
  private final Function<PoolSpec, List<String>> choices;
  private final InstantSource clock;

  /**
   * Reads pools.
   *
   * @param choices why a pool's runners get the machines that they get, in sentences
   */
  public PoolReader(
      Database database,
      Supplier<Optional<FleetSpec>> fleet,
      Function<PoolSpec, List<String>> choices,
      InstantSource clock) {
    this.database = database;
    this.fleet = fleet;
    this.choices = choices;
    this.clock = clock;
  }

  /** All, or those of one environment. */
  public PoolList list(Optional<String> environment) {
    return new PoolList(
        database.read(this::list).stream()
            .filter(pool -> environment.map(only -> only.equals(pool.environment())).orElse(true))
            .toList());
  }

  List<PoolSummary> list(Read read) {
    Facts facts = Facts.read(read, clock.instant());
    List<PoolSpec> configured = fleet.get().map(FleetSpec::pools).orElse(List.of());
    List<PoolSummary> pools = new ArrayList<>();
    configured.forEach(spec -> pools.add(facts.configured(spec)));
    Set<String> known = configured.stream().map(PoolSpec::name).collect(Collectors.toSet());
    facts.names().stream()
        .filter(name -> !known.contains(name))
        .forEach(name -> pools.add(facts.unconfigured(read, name)));
    return pools;
  }

  /** One pool; empty where neither the config nor anything that lives names it. */
  public Optional<PoolDetail> find(String name) {
    // What a provider says may need a look of its own into the database.
    List<String> machines =
        fleet.get().flatMap(config -> config.pool(name)).map(choices).orElse(List.of());
    return database.read(read -> find(read, name, machines));
  }

  /**
   * What the schedule of a configured pool wants in the next 24 hours.
   *
   * @param timeZone of the schedule
   */
  public record Day(String timeZone, List<PoolDetail.SegmentView> segments) {
    public Day {
      segments = List.copyOf(segments);
    }
  }

  /** The next day of each configured pool, by its name. */
  public Map<String, Day> days() {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    return fleet.get().map(FleetSpec::pools).orElse(List.of()).stream()
        .collect(Collectors.toMap(PoolSpec::name, s -> new Day(s.zone().getId(), day(s, now))));
  }

  private Optional<PoolDetail> find(Read read, String name, List<String> machines) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Facts facts = Facts.read(read, now);
    Optional<PoolSpec> spec = fleet.get().flatMap(f -> f.pool(name));
    if (spec.isPresent()) {
      return Optional.of(detail(read, facts.configured(spec.get()), spec, machines, now));
    }
    List<PoolDecisions.Decision> decisions = PoolDecisions.newest(read, name, 1);
    return facts.names().contains(name) || !decisions.isEmpty()
        ? Optional.of(detail(read, facts.unconfigured(read, name), spec, machines, now))
        : Optional.empty();
  }

  private static PoolDetail detail(
      Read read, PoolSummary summary, Optional<PoolSpec> spec, List<String> machines, Instant now) {
    return new PoolDetail(
        summary,
        spec.map(s -> s.runner().name()).orElse(null),
        spec.map(s -> s.zone().getId()).orElse(null),
        PoolDecisions.newest(read, summary.name(), DECISIONS).stream()
            .map(d -> new PoolDetail.DecisionView(d.sequence(), d.at(), d.summary(), d.lines()))
            .toList(),
        spec.map(s -> day(s, now)).orElse(List.of()),
        Stream.concat(explanation(read, summary).stream(), machines.stream()).toList());
  }

  private static List<PoolDetail.SegmentView> day(PoolSpec spec, Instant now) {
    return new Schedule(spec)
        .segments(now, now.plus(DAY)).stream()
            .map(segment ->
                new PoolDetail.SegmentView(
                    segment.from(),
                    segment.to(),
                    segment.desired().window().orElse(null),
                    segment.desired().running(),
                    segment.desired().stopped()))
            .toList();
  }

  private static List<String> explanation(Read read, PoolSummary pool) {
    List<String> lines = new ArrayList<>();
    if (pool.paused() != null) {
      lines.add("New launches are " + pool.paused() + "; running jobs are left alone.");
    }
    if (!pool.configured()) {
      lines.add("The config in force does not name it: it serves the jobs it has, then ends.");
    }
    String window = pool.schedule();
    lines.add(
        "It should keep %d ready and %d stopped now, %s."
            .formatted(
                pool.desiredRunning(),
                pool.desiredStopped(),
                window == null ? "its own numbers" : "by its schedule " + window));
    if (pool.reason() != null) {
      lines.add("The last decision: " + Words.sentence(pool.reason()));
    }
    WorkQueue.find(read, RunnerKeys.pool(pool.name()))
        .ifPresent(item -> {
          item.stalled().ifPresent(why -> lines.add("It is stalled: " + why));
          item.lastError()
              .filter(e -> item.stalled().isEmpty())
              .ifPresent(why -> lines.add("Its last reconcile failed: " + why));
        });
    return lines;
  }

  /** What all pools are made from, read at once. */
  private record Facts(
      Instant now,
      Map<String, List<RunnerStore.PoolCount>> runners,
      Map<String, Long> waiting,
      Map<String, String> summaries,
      List<Pauses.Pause> pauses) {

    static Facts read(Read read, Instant now) {
      return new Facts(
          now,
          RunnerStore.counts(read).stream()
              .collect(Collectors.groupingBy(RunnerStore.PoolCount::pool)),
          JobStore.waiting(read),
          PoolDecisions.summaries(read),
          Pauses.all(read));
    }

    Set<String> names() {
      Set<String> names = new LinkedHashSet<>(waiting.keySet());
      names.addAll(runners.keySet());
      return names;
    }

    PoolSummary configured(PoolSpec spec) {
      Desired desired = wanted(spec, new Schedule(spec).at(now));
      return summary(
          spec.name(),
          Optional.of(new Placement(spec.name(), spec.environment(), spec.region())),
          desired,
          Optional.of(spec.max()),
          true);
    }

    /** On the appliance's own machine a stopped runner is one that was not started. */
    private static Desired wanted(PoolSpec spec, Desired desired) {
      return spec.runner().provider() == Provider.LOCAL
          ? new Desired(desired.running(), 0, desired.window())
          : desired;
    }

    PoolSummary unconfigured(Read read, String name) {
      Optional<Placement> place =
          RunnerStore.living(read, name).stream()
              .findFirst()
              .map(r -> new Placement(name, r.origin().environment(), r.origin().region()))
              .or(() ->
                  JobStore.of(read, name, JobState.QUEUED).stream()
                      .findFirst()
                      .flatMap(Job::placement));
      return summary(name, place, new Desired(0, 0, Optional.empty()), Optional.empty(), false);
    }

    private PoolSummary summary(
        String name,
        Optional<Placement> place,
        Desired desired,
        Optional<Integer> max,
        boolean configured) {
      int idle = count(name, RunnerState.READY);
      int busy = count(name, RunnerState.ASSIGNED, RunnerState.REGISTERED, RunnerState.BUSY);
      return new PoolSummary(
          name,
          place.map(Placement::environment).orElse(null),
          place.map(Placement::region).orElse(null),
          desired.window().orElse(null),
          desired.running(),
          desired.stopped(),
          idle + busy,
          idle,
          busy,
          count(name, RunnerState.STOPPING, RunnerState.STOPPED),
          count(
              name,
              RunnerState.PLANNED,
              RunnerState.LAUNCHING,
              RunnerState.BOOTING,
              RunnerState.STARTING),
          max.orElse(null),
          waiting.getOrDefault(name, 0L),
          pauses.stream()
              .filter(p -> p.covers(name, place.map(Placement::environment).orElse("")))
              .findFirst()
              .map(Pauses.Pause::words)
              .orElse(null),
          configured,
          summaries.get(name));
    }

    private int count(String pool, RunnerState... states) {
      Set<RunnerState> wanted = Set.of(states);
      return runners.getOrDefault(pool, List.of()).stream()
          .filter(c -> wanted.contains(c.state()))
          .mapToInt(RunnerStore.PoolCount::count)
          .sum();
    }
  }
}
