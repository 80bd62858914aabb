package dev.muster.fleet.acceptance;

import dev.muster.fleet.acceptance.AcceptanceStep.Kind;
import dev.muster.fleet.acceptance.AcceptanceStep.State;
import dev.muster.fleet.compute.Compute;
import dev.muster.fleet.compute.InterruptionListener;
import dev.muster.fleet.runner.DeadlinePolicy;
import dev.muster.fleet.runner.RunnerRegistry;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.kernel.audit.Actor;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.Reconciler;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.TraceContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Takes an acceptance through its steps. Once one has failed the others are skipped, but for the
 * last: it cleans up after all of them.
 */
public final class AcceptanceReconciler implements Reconciler<AcceptanceId> {
  static final String KIND = "acceptance";

  /** A step is looked at this often; jobs and runners change by themselves. */
  static final Duration LOOK = Duration.ofSeconds(2);

  /** Cleaning up asks the provider and GitHub at each look. */
  static final Duration LOOK_OUTSIDE = Duration.ofSeconds(5);

  private static final Logger log = System.getLogger(AcceptanceReconciler.class.getName());

  private final Database database;
  private final Writer writer;
  private final AuditLog audit;
  private final InstantSource clock;
  private final Doctor doctor;
  private final ColdStart cold;
  private final WarmStart warm;
  private final Interruption interruption;
  private final CleanUp cleanUp;

  public AcceptanceReconciler(
      Database database,
      Writer writer,
      WorkQueue queue,
      AuditLog audit,
      InstantSource clock,
      Supplier<Optional<FleetSpec>> fleet,
      Compute compute,
      RunnerRegistry registry,
      InterruptionListener interruptions,
      DeadlinePolicy deadlines,
      AcceptanceWorkflow workflow,
      Doctor doctor) {
    this.database = database;
    this.writer = writer;
    this.audit = audit;
    this.clock = clock;
    AcceptanceJobs jobs = new AcceptanceJobs(database, writer, clock, workflow);
    AcceptedPool pool = new AcceptedPool(fleet);
    this.doctor = doctor;
    this.cold = new ColdStart(database, jobs, pool);
    this.warm = new WarmStart(database, clock, jobs, pool, compute);
    this.interruption = new Interruption(database, clock, jobs, pool, compute, interruptions);
    this.cleanUp =
        new CleanUp(database, writer, queue, clock, jobs, workflow, compute, registry, deadlines);
  }

  /** Where an acceptance stands in the queue. */
  public static WorkKey key(AcceptanceId id) {
    return new WorkKey(KIND, id.value());
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public AcceptanceId key(String name) {
    return new AcceptanceId(name);
  }

  @Override
  public int concurrency() {
    return 1;
  }

  @Override
  public Outcome reconcile(AcceptanceId id, Optional<TraceContext> trace)
      throws InterruptedException {
    Optional<Acceptance> found = database.read(read -> AcceptanceStore.find(read, id));
    if (found.isEmpty() || found.get().endedAt().isPresent()) {
      return new Outcome.Done();
    }
    Acceptance acceptance = found.get();
    Optional<AcceptanceStep> current = acceptance.current();
    if (current.isEmpty()) {
      return over(acceptance);
    }
    AcceptanceStep step = current.get();
    if (step.state() == State.WAITING) {
      step = step.started(clock.instant());
      put(acceptance, step);
    }
    settle(acceptance, step.kind(), judge(acceptance, step));
    return new Outcome.RequeueAfter(step.kind() == Kind.CLEAN_UP ? LOOK_OUTSIDE : LOOK);
  }

  private Verdict judge(Acceptance acceptance, AcceptanceStep step) throws InterruptedException {
    if (acceptance.failed() && step.kind() != Kind.CLEAN_UP) {
      return new Verdict.Skipped("an earlier step failed");
    }
    Verdict verdict = look(acceptance, step);
    Duration limit = acceptance.limit(step.kind());
    Instant end = step.startedAt().orElseThrow().plus(limit);
    return verdict instanceof Verdict.Waits(String what) && !clock.instant().isBefore(end)
        ? new Verdict.Failed("not done after %d minutes: %s".formatted(limit.toMinutes(), what))
        : verdict;
  }

  /** What time may mend is waited for here, so that the step's deadline holds. */
  private Verdict look(Acceptance acceptance, AcceptanceStep step) throws InterruptedException {
    try {
      return switch (step.kind()) {
        case DOCTOR -> examine();
        case COLD -> cold.look(acceptance, step);
        case WARM -> warm.look(acceptance, step);
        case INTERRUPT -> interruption.look(acceptance, step);
        case CLEAN_UP -> cleanUp.look(acceptance, step);
      };
    } catch (TransientException e) {
      return new Verdict.Waits("it is tried again: " + e.getMessage());
    } catch (StalledException e) {
      return new Verdict.Failed(String.valueOf(e.getMessage()));
    }
  }

  private Verdict examine() throws InterruptedException {
    List<String> ills = doctor.ills();
    return ills.isEmpty()
        ? new Verdict.Passed("every check of muster doctor holds")
        : new Verdict.Failed(String.join("; ", ills));
  }

  private void settle(Acceptance acceptance, Kind kind, Verdict verdict) {
    Instant now = clock.instant();
    AcceptanceStep step =
        database
            .read(read -> AcceptanceStore.find(read, acceptance.id()))
            .orElseThrow()
            .step(kind); // with what the look itself stored
    AcceptanceStep next =
        switch (verdict) {
          case Verdict.Waits(String what) -> step.saying(what);
          case Verdict.Passed(String evidence) -> step.ended(State.PASSED, now, evidence);
          case Verdict.Failed(String reason) -> step.ended(State.FAILED, now, reason);
          case Verdict.Skipped(String reason) -> step.ended(State.SKIPPED, now, reason);
        };
    if (next.equals(step)) {
      return;
    }
    put(acceptance, next);
    if (next.state().ended()) {
      log.log(
          Level.INFO,
          "Acceptance {0}: {1} {2}: {3}",
          acceptance.id(),
          kind.word(),
          next.state().word(),
          next.evidence());
    }
  }

  private void put(Acceptance acceptance, AcceptanceStep step) {
    writer.run(Priority.RECONCILE, tx -> AcceptanceStore.put(tx, acceptance.id(), step));
  }

  private Outcome over(Acceptance acceptance) {
    Instant now = clock.instant();
    String outcome = acceptance.failed() ? "failed" : "passed";
    writer.run(
        Priority.RECONCILE,
        tx -> {
          AcceptanceStore.ended(tx, acceptance.id(), now);
          audit.add(
              tx,
              Actor.MUSTER,
              "acceptance." + outcome,
              acceptance.id().value(),
              acceptance.pool());
        });
    return new Outcome.Done();
  }
}
