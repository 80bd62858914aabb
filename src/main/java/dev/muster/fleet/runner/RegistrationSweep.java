package dev.muster.fleet.runner;

import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.SoleReconciler;
import dev.muster.kernel.reconcile.StalledException;
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
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final int BATCH = 200;

  private final Database database;
  private final Writer writer;
  private final InstantSource clock;
  private final RunnerRegistry registry;

  /** Up to where it came; empty when the next turn begins with the oldest. */
  private Optional<Registrations.Open> last = Optional.empty();

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
    List<Registrations.Open> loose =
        database.read(read -> Registrations.loose(read, before, last, BATCH));
    try {
      sweep(loose);
    } catch (StalledException e) {
      goOn(loose);
      throw e;
    }
    goOn(loose);
    return new Outcome.RequeueAfter(last.isPresent() ? SOON : INTERVAL);
  }

  /** The next turn begins where this one ended: what cannot be removed keeps nothing from its. */
  private void goOn(List<Registrations.Open> swept) {
    last = swept.size() < BATCH ? Optional.empty() : Optional.of(swept.getLast());
  }

  private void sweep(List<Registrations.Open> loose) {
    Map<String, Map<String, Long>> listed = new HashMap<>();
    Stalls.each(
        loose,
        registration -> {
          if (removed(registration, listed)) {
            writer.run(
                Priority.HOUSEKEEPING,
                tx -> Registrations.removed(tx, registration.name(), clock.instant()));
          }
        });
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

  private Map<String, Long> numbers(String scope) {
    Map<String, Long> numbers = new HashMap<>();
    registry.list(scope).forEach(remote -> numbers.put(remote.name(), remote.githubId()));
    return numbers;
  }
}
