package dev.muster.fleet.runner;

import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.SoleReconciler;
import dev.muster.kernel.reconcile.Stalls;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Removes registrations whose runner is gone, those too whose making was never answered. */
public final class RegistrationSweep implements SoleReconciler {
  public static final WorkKey KEY = new WorkKey("registrations", "ledger");

  private static final Duration INTERVAL = Duration.ofMinutes(15);
  private static final Duration SETTLED = Duration.ofMinutes(5);
  private static final int BATCH = 200;

  private final Database database;
  private final Writer writer;
  private final InstantSource clock;
  private final RunnerRegistry registry;

  public RegistrationSweep(
      Database database, Writer writer, InstantSource clock, RunnerRegistry registry) {
    this.database = database;
    this.writer = writer;
    this.clock = clock;
    this.registry = registry;
  }

  @Override
  public WorkKey only() {
    return KEY;
  }

  @Override
  public Outcome reconcile(String key, Optional<TraceContext> trace) {
    Instant before = clock.instant().minus(SETTLED);
    List<Registrations.Open> open = database.read(read -> Registrations.open(read, before, BATCH));
    Map<String, Map<String, Long>> listed = new HashMap<>();
    Stalls.each(
        open,
        registration -> {
          if (!needed(registration) && removed(registration, listed)) {
            writer.run(
                Priority.HOUSEKEEPING,
                tx -> Registrations.removed(tx, registration.name(), clock.instant()));
          }
        });
    return new Outcome.RequeueAfter(INTERVAL);
  }

  private boolean removed(Registrations.Open registration, Map<String, Map<String, Long>> listed) {
    Optional<Long> number = registration.githubId();
    if (number.isEmpty()) {
      Map<String, Long> there = listed.computeIfAbsent(registration.scope(), this::numbers);
      number = Optional.ofNullable(there.get(registration.name()));
    }
    return number
        .map(n -> registry.remove(registration.scope(), n))
        .map(removal -> removal == RunnerRegistry.Removal.REMOVED)
        .orElse(true);
  }

  /** The runner's own reconciler still sees to it. */
  private boolean needed(Registrations.Open registration) {
    return database
        .read(read -> RunnerStore.find(read, registration.runner()))
        .filter(runner -> !runner.state().ended())
        .flatMap(Runner::reservation)
        .map(r -> r.name().equals(registration.name()))
        .orElse(false);
  }

  private Map<String, Long> numbers(String scope) {
    Map<String, Long> numbers = new HashMap<>();
    registry.list(scope).forEach(remote -> numbers.put(remote.name(), remote.githubId()));
    return numbers;
  }
}
