package dev.muster.fleet.runner;

import dev.muster.fleet.compute.Compute;
import dev.muster.fleet.compute.ComputeProvider;
import dev.muster.fleet.compute.Instance;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.Reconciler;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.TraceContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A provider in a region: starts, stops and ends machines per batch, and compares what the provider
 * lists with what we know. What it lists first is the truth about leaks; what it does not list is
 * believed only when it stays away.
 */
public final class ComputeReconciler implements Reconciler<ComputeReconciler.Place> {
  /** The slow clock of the sweep. */
  static final Duration SWEEP = Duration.ofMinutes(5);

  /** While machines are on their way somewhere. */
  static final Duration SETTLING = Duration.ofSeconds(2);

  /** A list may lag behind by this much. */
  static final Duration DOUBT = Duration.ofSeconds(60);

  private static final Logger log = System.getLogger(ComputeReconciler.class.getName());

  /** A provider's region. */
  public record Place(String provider, String region) {}

  private final Database database;
  private final Writer writer;
  private final WorkQueue queue;
  private final InstantSource clock;
  private final Compute compute;
  private final DeadlinePolicy deadlines;
  private final Instant reapingFrom;

  /** Since when a machine is missing from the lists; a restart begins the doubt anew. */
  private final Map<RunnerId, Instant> missing = new ConcurrentHashMap<>();

  /**
   * Reconciles every place of every provider.
   *
   * @param reapingFrom before this no machine is ended because no record accounts for it
   */
  public ComputeReconciler(
      Database database,
      Writer writer,
      WorkQueue queue,
      InstantSource clock,
      Compute compute,
      DeadlinePolicy deadlines,
      Instant reapingFrom) {
    this.database = database;
    this.writer = writer;
    this.queue = queue;
    this.clock = clock;
    this.compute = compute;
    this.deadlines = deadlines;
    this.reapingFrom = reapingFrom;
  }

  @Override
  public String kind() {
    return RunnerKeys.COMPUTE;
  }

  @Override
  public Place key(String name) {
    int at = name.indexOf('@');
    return new Place(name.substring(0, at), name.substring(at + 1));
  }

  @Override
  public Outcome reconcile(Place place, Optional<TraceContext> trace) throws InterruptedException {
    ComputeProvider provider = compute.provider(place.provider());
    start(provider, place);
    List<Instance> listed = provider.list(place.region()); // before our own records: no leak hides
    List<Runner> ours = database.read(read -> living(read, place));
    Map<String, Instance> byId =
        listed.stream().collect(Collectors.toMap(Instance::id, i -> i, (a, b) -> a));

    Predicate<Runner> there = r -> r.instance().map(byId::containsKey).orElse(false);
    // The list may lag behind a launch of a moment ago.
    Instant lately = clock.instant().minus(DOUBT);
    Predicate<Runner> thereOrNew = there.or(r -> r.origin().createdAt().isAfter(lately));
    call(ours, RunnerState.TERMINATING, thereOrNew, ids -> provider.terminate(place.region(), ids));
    call(ours, RunnerState.STOPPING, there, ids -> provider.stop(place.region(), ids));
    reapOrphans(provider, place, listed);
    settle(ours, byId);

    return next(place);
  }

  /** First of all, because jobs wait for these. */
  private void start(ComputeProvider provider, Place place) throws InterruptedException {
    List<Runner> starting =
        database.read(
            read -> RunnerStore.in(read, place.provider(), place.region(), RunnerState.STARTING));
    Set<String> ids =
        starting.stream().flatMap(r -> r.instance().stream()).collect(Collectors.toSet());
    if (ids.isEmpty()) {
      return;
    }
    Map<String, String> refused = provider.start(place.region(), ids);
    List<Change> failed = new ArrayList<>();
    for (Runner runner : starting) {
      runner
          .instance()
          .map(refused::get)
          .ifPresent(why ->
              failed.add(
                  new Change(runner, new RunnerEvent.Failed("no capacity to start it: " + why))));
    }
    store(failed, clock.instant());
  }

  private interface Batch {
    void call(Set<String> instances) throws InterruptedException;
  }

  private static void call(
      List<Runner> ours, RunnerState state, Predicate<Runner> concerned, Batch batch)
      throws InterruptedException {
    Set<String> ids = new HashSet<>();
    for (Runner runner : ours) {
      if (runner.state() == state && concerned.test(runner)) {
        runner.instance().ifPresent(ids::add);
      }
    }
    if (!ids.isEmpty()) {
      batch.call(ids);
    }
  }

  /** Machines of ours that no runner accounts for, past the time that a launch takes to settle. */
  private void reapOrphans(ComputeProvider provider, Place place, List<Instance> listed)
      throws InterruptedException {
    Instant before = clock.instant().minus(SWEEP);
    Set<String> orphans =
        database.read(read -> {
          Set<String> unsettled =
              LaunchStore.unanswered(read).stream()
                  .map(launch -> launch.id().value())
                  .collect(Collectors.toSet());
          return listed.stream()
              .filter(instance -> instance.launchedAt().isBefore(before))
              .filter(i -> !i.launch().map(unsettled::contains).orElse(false))
              .filter(i -> unaccounted(read, place, i))
              .map(Instance::id)
              .collect(Collectors.toSet());
        });
    if (!orphans.isEmpty() && !clock.instant().isBefore(reapingFrom)) {
      log.log(Level.WARNING, "Terminating machines that no runner accounts for: " + orphans);
      provider.terminate(place.region(), orphans);
    }
  }

  private static boolean unaccounted(Read read, Place place, Instance instance) {
    return RunnerStore.on(read, place.provider(), instance.id())
        .map(runner -> runner.state().ended())
        .orElse(true);
  }

  private record Change(Runner runner, RunnerEvent event) {}

  private void settle(List<Runner> ours, Map<String, Instance> listed) {
    Instant now = clock.instant();
    Set<LaunchId> unanswered =
        database.read(LaunchStore::unanswered).stream().map(Launch::id).collect(Collectors.toSet());
    List<Change> changes = new ArrayList<>();
    for (Runner runner : ours) {
      if (runner.instance().isEmpty() && unanswered.contains(runner.origin().launch())) {
        continue; // its machine may be in the making
      }
      Optional<Instance> instance = runner.instance().map(listed::get);
      if (instance.isPresent()) {
        missing.remove(runner.id());
      }
      change(runner, instance, now).ifPresent(event -> changes.add(new Change(runner, event)));
    }
    store(changes, now);
  }

  private void store(List<Change> changes, Instant now) {
    if (!changes.isEmpty()) {
      writer.run(Priority.RECONCILE, tx -> changes.forEach(change -> store(tx, change, now)));
    }
  }

  private void store(dev.muster.kernel.store.Tx tx, Change change, Instant now) {
    Runner current = RunnerStore.find(tx, change.runner().id()).orElseThrow();
    if (current.version() != change.runner().version()) {
      return; // it moved on meanwhile; the next look judges it anew
    }
    RunnerStore.apply(tx, current, change.event(), now, deadlines.of(current));
    queue.due(tx, RunnerKeys.runner(current.id()), now, Optional.empty());
    queue.due(tx, RunnerKeys.pool(current.origin().pool()), now, Optional.empty());
  }

  private Optional<RunnerEvent> change(Runner runner, Optional<Instance> instance, Instant now) {
    return switch (runner.state()) {
      case TERMINATING ->
          instance.isEmpty()
              ? Optional.of(new RunnerEvent.Terminated("its machine is gone"))
              : Optional.empty();
      case STOPPING ->
          instance.map(i -> i.state() == Instance.State.STOPPED).orElse(false)
              ? Optional.of(new RunnerEvent.Stopped())
              : vanished(runner, instance, now);
      case BOOTING, STARTING, READY, ASSIGNED, REGISTERED, BUSY, STOPPED ->
          vanished(runner, instance, now);
      case PLANNED, LAUNCHING, FAILED, TERMINATED -> Optional.empty();
    };
  }

  private Optional<RunnerEvent> vanished(Runner runner, Optional<Instance> instance, Instant now) {
    if (instance.isPresent() || runner.instance().isEmpty()) {
      return Optional.empty();
    }
    Instant since = missing.computeIfAbsent(runner.id(), id -> now);
    if (now.isBefore(since.plus(DOUBT))) {
      return Optional.empty();
    }
    missing.remove(runner.id());
    return Optional.of(
        new RunnerEvent.Failed("its machine " + runner.instance().get() + " has vanished"));
  }

  private Outcome next(Place place) {
    List<Runner> left = database.read(read -> living(read, place));
    missing.keySet().retainAll(left.stream().map(Runner::id).collect(Collectors.toSet()));
    if (left.isEmpty()) {
      return new Outcome.Done();
    }
    boolean settling =
        left.stream()
            .anyMatch(r ->
                r.state() == RunnerState.TERMINATING
                    || r.state() == RunnerState.STOPPING
                    || r.state() == RunnerState.STARTING);
    if (settling) {
      return new Outcome.RequeueAfter(SETTLING);
    }
    return new Outcome.RequeueAfter(missing.isEmpty() ? SWEEP : DOUBT);
  }

  private static List<Runner> living(Read read, Place place) {
    return RunnerStore.in(
        read,
        place.provider(),
        place.region(),
        RunnerState.BOOTING,
        RunnerState.READY,
        RunnerState.ASSIGNED,
        RunnerState.REGISTERED,
        RunnerState.BUSY,
        RunnerState.STOPPING,
        RunnerState.STOPPED,
        RunnerState.STARTING,
        RunnerState.TERMINATING);
  }
}
