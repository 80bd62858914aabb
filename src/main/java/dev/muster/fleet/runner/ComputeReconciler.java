package dev.muster.fleet.runner;

import dev.muster.fleet.compute.Compute;
import dev.muster.fleet.compute.ComputeProvider;
import dev.muster.fleet.compute.Instance;
import dev.muster.fleet.compute.Listing;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.notice.Notices.Notice;
import dev.muster.kernel.notice.Notices.Severity;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.Reconciler;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.TraceContext;
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
import java.util.stream.Stream;

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

  private static final Duration LATELY = Duration.ofHours(1);

  /** A provider's region. */
  public record Place(String provider, String region) {}

  private final Database database;
  private final Writer writer;
  private final WorkQueue queue;
  private final InstantSource clock;
  private final Compute compute;
  private final DeadlinePolicy deadlines;
  private final OrphanReaper orphans;

  /** Since when a machine is missing from the lists; a restart begins the doubt anew. */
  private final Map<RunnerId, Instant> missing = new ConcurrentHashMap<>();

  public ComputeReconciler(
      Database database,
      Writer writer,
      WorkQueue queue,
      InstantSource clock,
      Compute compute,
      DeadlinePolicy deadlines,
      OrphanReaper orphans) {
    this.database = database;
    this.writer = writer;
    this.queue = queue;
    this.clock = clock;
    this.compute = compute;
    this.deadlines = deadlines;
    this.orphans = orphans;
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
    Optional<RuntimeException> notStarted = refused(() -> start(provider, place, runner -> true));
    Listing listing = provider.list(place.region()); // before our own records: no leak hides
    List<Instance> listed = listing.machines();
    Map<String, Instance> byId =
        listed.stream().collect(Collectors.toMap(Instance::id, i -> i, (a, b) -> a));
    Predicate<Runner> there = r -> r.instance().map(byId::containsKey).orElse(false);
    // Nothing is believed or done about a machine that may be where nobody can look now.
    Predicate<Runner> hidden =
        there.negate().and(r -> listing.hides(r.origin().launch().value()).isPresent());
    List<Runner> ours =
        database.read(read -> living(read, place)).stream().filter(hidden.negate()).toList();
    if (notStarted.isPresent() && !listing.hidden().isEmpty()) {
      notStarted = refused(() -> start(provider, place, hidden.negate()));
    }

    // The list may lag behind a launch of a moment ago.
    Instant lately = clock.instant().minus(DOUBT);
    Predicate<Runner> thereOrNew = there.or(r -> r.origin().createdAt().isAfter(lately));
    // One operation that is not allowed keeps no other from its turn.
    List<RuntimeException> refused =
        Stream.of(
                notStarted,
                refused(() ->
                    call(
                        ours,
                        RunnerState.TERMINATING,
                        thereOrNew,
                        ids -> provider.terminate(place.region(), ids))),
                refused(() ->
                    call(
                        ours,
                        RunnerState.STOPPING,
                        there,
                        ids -> provider.stop(place.region(), ids))),
                refused(() -> orphans.reap(provider, place, listed)))
            .flatMap(Optional::stream)
            .toList();
    settle(ours, byId);
    tell(place, listing);
    if (!refused.isEmpty()) {
      throw refused.getFirst();
    }
    return next(place, listed, hidden);
  }

  private interface Step {
    void run() throws InterruptedException;
  }

  private static Optional<RuntimeException> refused(Step step) throws InterruptedException {
    try {
      step.run();
      return Optional.empty();
    } catch (StalledException | TransientException e) {
      return Optional.of(e);
    }
  }

  /** That machines cannot be looked after is for people to know, and keeps nothing else. */
  private void tell(Place place, Listing listing) {
    String id = "hidden-" + place.provider() + "@" + place.region();
    Optional<String> message =
        listing.hidden().stream()
            .map(Listing.Hidden::why)
            .reduce((one, other) -> one + "; " + other)
            .map(why -> "Machines that cannot be looked after are left as they are: " + why);
    Optional<String> said = database.read(read -> Notices.find(read, id)).map(Notice::message);
    if (said.equals(message)) {
      return;
    }
    writer.run(
        Priority.RECONCILE,
        tx ->
            message.ifPresentOrElse(
                text -> Notices.raise(tx, new Notice(id, Severity.ERROR, clock.instant(), text)),
                () -> Notices.settle(tx, id)));
  }

  /** First of all, because jobs wait for these. */
  private void start(ComputeProvider provider, Place place, Predicate<Runner> which)
      throws InterruptedException {
    List<Runner> starting =
        database
            .read(read ->
                RunnerStore.in(read, place.provider(), place.region(), RunnerState.STARTING))
            .stream()
            .filter(which)
            .toList();
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

  private Outcome next(Place place, List<Instance> listed, Predicate<Runner> hidden) {
    List<Runner> left = database.read(read -> living(read, place));
    missing.keySet().retainAll(left.stream().map(Runner::id).collect(Collectors.toSet()));
    if (left.isEmpty()) {
      return listed.isEmpty() && !launchedLately(place)
          ? new Outcome.Done()
          : new Outcome.RequeueAfter(SWEEP);
    }
    boolean settling =
        left.stream()
            .filter(hidden.negate())
            .anyMatch(r ->
                r.state() == RunnerState.TERMINATING
                    || r.state() == RunnerState.STOPPING
                    || r.state() == RunnerState.STARTING);
    if (settling) {
      return new Outcome.RequeueAfter(SETTLING);
    }
    boolean sure = missing.isEmpty() && left.stream().noneMatch(hidden);
    return new Outcome.RequeueAfter(sure ? SWEEP : DOUBT);
  }

  /** What a launch that was given up may have made shows up within this time. */
  private boolean launchedLately(Place place) {
    Instant since = clock.instant().minus(LATELY);
    return database.read(
        read -> LaunchStore.anySince(read, place.provider(), place.region(), since));
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
