package dev.muster.fleet.runner;

import dev.muster.fleet.compute.ComputeProvider;
import dev.muster.fleet.compute.Instance;
import dev.muster.kernel.audit.Actor;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Writer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Ends machines of ours that no runner accounts for. It begins from what the provider lists, so
 * that no leak hides behind our own rows, and it doubts: a machine goes only when it bears the tag
 * of a launch, is old enough, was unaccounted for in two sweeps in a row, and GitHub, asked for the
 * runners of its launch, shows none at work that could be on it.
 */
public final class OrphanReaper {
  /** Younger machines may be of a launch whose answer is on its way. */
  static final Duration SETTLED = Duration.ofMinutes(10);

  private static final Logger log = System.getLogger(OrphanReaper.class.getName());

  private final Database database;
  private final Writer writer;
  private final AuditLog audit;
  private final InstantSource clock;
  private final RunnerRegistry registry;
  private final Instant reapingFrom;

  /**
   * Since when each machine is unaccounted for. Kept in memory alone: after a restart every machine
   * gets its two sweeps anew.
   */
  private final Map<ComputeReconciler.Place, Map<String, Instant>> suspects =
      new ConcurrentHashMap<>();

  /**
   * Asks nobody yet.
   *
   * @param reapingFrom before this nothing is ended: a database that was restored knows less than
   *     there is
   */
  public OrphanReaper(
      Database database,
      Writer writer,
      AuditLog audit,
      InstantSource clock,
      RunnerRegistry registry,
      Instant reapingFrom) {
    this.database = database;
    this.writer = writer;
    this.audit = audit;
    this.clock = clock;
    this.registry = registry;
    this.reapingFrom = reapingFrom;
  }

  /**
   * Ends the orphans among the machines of a place.
   *
   * @param listed what the provider listed, before any row of ours was read
   */
  void reap(ComputeProvider provider, ComputeReconciler.Place place, List<Instance> listed)
      throws InterruptedException {
    List<Instance> ripe = ripe(place, listed);
    if (ripe.isEmpty() || clock.instant().isBefore(reapingFrom)) {
      return;
    }
    Set<String> orphans = idle(ripe);
    if (orphans.isEmpty()) {
      return;
    }
    log.log(Level.WARNING, "Terminating machines that no runner accounts for: " + orphans);
    writer.run(
        Priority.RECONCILE,
        tx ->
            ripe.stream()
                .filter(machine -> orphans.contains(machine.id()))
                .forEach(machine ->
                    audit.add(
                        tx,
                        Actor.MUSTER,
                        "orphan.terminated",
                        place.provider() + "/" + machine.id(),
                        "no runner accounts for it; launched at %s in %s by %s"
                            .formatted(
                                machine.launchedAt(),
                                place.region(),
                                launch(machine).orElseThrow()))));
    provider.terminate(place.region(), orphans);
    // Should the list still show one, it is judged anew.
    suspects.computeIfPresent(
        place,
        (key, since) -> {
          Map<String, Instant> left = new HashMap<>(since);
          left.keySet().removeAll(orphans);
          return Map.copyOf(left);
        });
  }

  /** The machines that are old enough and were unaccounted for one sweep ago and ever since. */
  private List<Instance> ripe(ComputeReconciler.Place place, List<Instance> listed) {
    Instant now = clock.instant();
    Map<String, Instant> before = suspects.getOrDefault(place, Map.of());
    Map<String, Instant> unaccounted = new HashMap<>();
    List<Instance> ripe = new ArrayList<>();
    for (Instance machine : unaccounted(place, listed)) {
      Instant since = before.getOrDefault(machine.id(), now);
      unaccounted.put(machine.id(), since);
      boolean twice = !since.plus(ComputeReconciler.SWEEP).isAfter(now);
      if (twice && !machine.launchedAt().plus(SETTLED).isAfter(now)) {
        ripe.add(machine);
      }
    }
    suspects.put(place, Map.copyOf(unaccounted));
    return ripe;
  }

  private List<Instance> unaccounted(ComputeReconciler.Place place, List<Instance> listed) {
    return database.read(read -> {
      Set<LaunchId> unsettled =
          LaunchStore.unanswered(read).stream().map(Launch::id).collect(Collectors.toSet());
      return listed.stream()
          // What bears no launch's tag was not made by us, whatever else it bears.
          .filter(machine -> launch(machine).map(l -> !unsettled.contains(l)).orElse(false))
          .filter(machine -> !accounted(read, place, machine))
          .toList();
    });
  }

  private static Optional<LaunchId> launch(Instance machine) {
    return machine.launch().flatMap(LaunchId::read);
  }

  private static boolean accounted(Read read, ComputeReconciler.Place place, Instance machine) {
    return RunnerStore.on(read, place.provider(), machine.id())
        .map(runner -> !runner.state().ended())
        .orElse(false);
  }

  /** Those on which no runner can be at work; without GitHub's answer, none. */
  private Set<String> idle(List<Instance> ripe) {
    Set<String> idle = new TreeSet<>();
    Map<String, Set<String>> busy = new HashMap<>();
    for (Instance machine : ripe) {
      try {
        List<Registrations.Open> registered = database.read(read -> registered(read, machine));
        if (registered.stream().noneMatch(r -> busy(r, busy))) {
          idle.add(machine.id());
        } else {
          log.log(
              Level.WARNING,
              "Machine {0} is unaccounted for and left: a runner of its launch works at GitHub",
              machine.id());
        }
      } catch (TransientException | StalledException e) {
        log.log(
            Level.WARNING,
            "Machine {0} is unaccounted for and left until GitHub says whether it works: {1}",
            machine.id(),
            e.getMessage());
      }
    }
    return idle;
  }

  /** Each scope is listed once for all machines. */
  private boolean busy(Registrations.Open registration, Map<String, Set<String>> busy) {
    return busy.computeIfAbsent(registration.scope(), this::busyAt).contains(registration.name());
  }

  private Set<String> busyAt(String scope) {
    Set<String> names = new HashSet<>();
    registry.list(scope).stream()
        .filter(RunnerRegistry.Remote::busy)
        .forEach(remote -> names.add(remote.name()));
    return names;
  }

  /**
   * The registrations that may be of a runner on the machine: of the one that was on it, or, where
   * the launch's answer was lost, of any of its launch that has no machine.
   */
  private static List<Registrations.Open> registered(Read read, Instance machine) {
    List<Registrations.Open> registered = new ArrayList<>();
    for (Runner runner : RunnerStore.of(read, launch(machine).orElseThrow())) {
      if (runner.instance().map(machine.id()::equals).orElse(true)) {
        registered.addAll(Registrations.openOf(read, runner.id()));
      }
    }
    return registered;
  }
}
