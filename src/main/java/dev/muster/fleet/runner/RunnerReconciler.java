package dev.muster.fleet.runner;

import dev.muster.agent.protocol.Instruction;
import dev.muster.agent.protocol.Secret;
import dev.muster.fleet.compute.Compute;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobPlacement;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.Reconciler;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One runner: makes its registration when a job is meant for it, takes the registration away when
 * nothing is, and holds it to its deadlines. Machines are stopped and ended per batch by {@link
 * ComputeReconciler}, never here.
 */
public final class RunnerReconciler implements Reconciler<RunnerId> {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  private final Database database;
  private final Writer writer;
  private final WorkQueue queue;
  private final InstantSource clock;
  private final Compute compute;
  private final RunnerRegistry registry;
  private final Assignments assignments;
  private final LaunchedSpecs specs;
  private final RunnerGroups groups;
  private final JobPlacement placement;
  private final Credentials credentials = new Credentials();

  public RunnerReconciler(
      Database database,
      Writer writer,
      WorkQueue queue,
      InstantSource clock,
      Compute compute,
      RunnerRegistry registry,
      Assignments assignments,
      LaunchedSpecs specs,
      RunnerGroups groups,
      JobPlacement placement) {
    this.database = database;
    this.writer = writer;
    this.queue = queue;
    this.clock = clock;
    this.compute = compute;
    this.registry = registry;
    this.assignments = assignments;
    this.specs = specs;
    this.groups = groups;
    this.placement = placement;
  }

  @Override
  public String kind() {
    return RunnerKeys.RUNNER;
  }

  @Override
  public RunnerId key(String name) {
    return new RunnerId(name);
  }

  @Override
  public boolean ofOneTrace() {
    return true;
  }

  @Override
  public Outcome reconcile(RunnerId id, Optional<TraceContext> trace) {
    Optional<Runner> found = database.read(read -> RunnerStore.find(read, id));
    if (found.isEmpty()) {
      return new Outcome.Done();
    }
    Runner runner = found.get();
    boolean late = runner.deadline().map(d -> !d.isAfter(clock.instant())).orElse(false);
    return switch (runner.state()) {
      case PLANNED, LAUNCHING, BOOTING, STARTING ->
          late
              ? fail(runner, "its agent did not enrol within " + sinceEntry(runner), trace)
              : atDeadline(runner);
      case READY, STOPPED -> new Outcome.Done();
      case ASSIGNED -> late ? release(runner, trace) : register(runner, trace);
      case REGISTERED -> late ? release(runner, trace) : registered(runner, trace);
      case BUSY ->
          late
              ? fail(runner, runner.reason().orElse("it ran past its hard deadline"), trace)
              : atDeadline(runner);
      case STOPPING -> again(runner, late);
      case FAILED, TERMINATING -> end(runner, trace);
      case TERMINATED -> ended(runner);
    };
  }

  private Outcome atDeadline(Runner runner) {
    return runner
        .deadline()
        .<Outcome>map(d -> new Outcome.RequeueAfter(untilOrNow(d)))
        .orElseGet(Outcome.Done::new);
  }

  private Duration untilOrNow(Instant deadline) {
    Duration left = Duration.between(clock.instant(), deadline);
    return left.isNegative() ? Duration.ZERO : left;
  }

  private String sinceEntry(Runner runner) {
    return Duration.between(runner.since(), clock.instant()).toSeconds() + " s";
  }

  // A job is meant for it: make the registration with the job's exact labels.
  private Outcome register(Runner runner, Optional<TraceContext> trace) {
    Reservation reservation = runner.reservation().orElseThrow();
    Optional<Job> job = database.read(read -> JobStore.find(read, reservation.job()));
    if (job.isEmpty() || job.get().state().ended()) {
      return release(runner, trace);
    }
    RunnerSpec spec = specs.spec(runner);
    Optional<String> group = groups.of(runner.origin().environment());
    String scope = registry.scope(job.get().facts(), group);
    String name = nameForRegistration(runner, reservation, scope);
    RunnerRegistry.Registration made;
    try {
      made = registry.register(job.get().facts(), name, group);
    } catch (StalledException e) {
      return fail(runner, LaunchHistory.REFUSED + e.getMessage(), trace);
    }
    String reportToken = credentials.make();
    Instruction.Assign assignment =
        new Instruction.Assign(
            reservation.job().toString(),
            name,
            new Secret(made.jitConfig()),
            compute.provider(runner.origin().provider()).command(spec),
            TraceContext.within(job.get().trace(), trace)
                .map(t -> Map.of("TRACEPARENT", t.traceparent()))
                .orElse(Map.of()),
            spec.maxRuntime(),
            new Secret(reportToken));
    Runner now =
        writer.write(
            Priority.RECONCILE,
            tx -> {
              Registrations.made(tx, name, made.scope(), made.githubId());
              Credentials.allowReports(tx, runner.id(), reportToken);
              Runner current = RunnerStore.find(tx, runner.id()).orElseThrow();
              return apply(tx, current, new RunnerEvent.Registered(made.githubId()));
            });
    assignments.put(runner.id(), assignment);
    return atDeadline(now);
  }

  /**
   * The name for a registration, committed before GitHub is asked. An earlier attempt may have
   * reached GitHub, so that its name may be taken there: the next one gets another, and the old
   * registration stays open in the ledger until it is removed.
   */
  private String nameForRegistration(Runner runner, Reservation reservation, String scope) {
    return writer.write(
        Priority.RECONCILE,
        tx -> {
          int attempts = Registrations.count(tx, runner.id());
          String name =
              attempts == 0 ? runner.id().value() : runner.id().value() + "-" + (attempts + 1);
          Registrations.intended(tx, name, runner.id(), scope, clock.instant());
          if (!name.equals(reservation.name())) {
            Runner current = RunnerStore.find(tx, runner.id()).orElseThrow();
            apply(tx, current, new RunnerEvent.Reassigned(name));
            JobStore.renamed(tx, reservation.job(), runner.id().value(), name);
          }
          return name;
        });
  }

  private Outcome registered(Runner runner, Optional<TraceContext> trace) {
    if (assignments.peek(runner.id()).isEmpty() && !Credentials.reporting(database, runner.id())) {
      // The configuration went with an earlier process of ours, before the agent had it.
      if (!removeRegistrations(runner)) {
        return found(runner, trace);
      }
      Runner reset =
          writer.write(
              Priority.RECONCILE,
              tx -> {
                Runner current = RunnerStore.find(tx, runner.id()).orElseThrow();
                String name = current.reservation().orElseThrow().name();
                return apply(tx, current, new RunnerEvent.Reassigned(name));
              });
      return register(reset, trace);
    }
    return atDeadline(runner);
  }

  // Nothing needs it, or GitHub gave it nothing in time: off GitHub first, then ended.
  private Outcome release(Runner runner, Optional<TraceContext> trace) {
    if (!removeRegistrations(runner)) {
      return found(runner, trace);
    }
    String reason = runner.reason().orElse("GitHub gave it no job within " + sinceEntry(runner));
    writer.run(
        Priority.RECONCILE,
        tx -> {
          Runner current = RunnerStore.find(tx, runner.id()).orElseThrow();
          apply(tx, current, new RunnerEvent.TerminateWanted(reason));
          giveJobBack(tx, current, reason, trace);
          dueBeside(tx, current, trace);
        });
    assignments.remove(runner.id());
    return end(database.read(read -> RunnerStore.find(read, runner.id())).orElseThrow(), trace);
  }

  /** GitHub refuses to remove it because it works: its webhook is late or was lost. */
  private Outcome found(Runner runner, Optional<TraceContext> trace) {
    Runner busy =
        writer.write(
            Priority.RECONCILE,
            tx -> {
              Runner current = RunnerStore.find(tx, runner.id()).orElseThrow();
              current
                  .reservation()
                  .ifPresent(r -> queue.due(tx, RunnerKeys.job(r.job()), clock.instant(), trace));
              return apply(tx, current, new RunnerEvent.FoundBusy());
            });
    return atDeadline(busy);
  }

  private Outcome fail(Runner runner, String reason, Optional<TraceContext> trace) {
    Runner failed =
        writer.write(
            Priority.RECONCILE,
            tx -> {
              Runner current = RunnerStore.find(tx, runner.id()).orElseThrow();
              Runner next = apply(tx, current, new RunnerEvent.Failed(reason));
              giveJobBack(tx, next, reason, trace);
              return next;
            });
    assignments.remove(runner.id());
    return end(failed, trace);
  }

  /** A job that nobody started yet waits again; one that ran is settled by what GitHub says. */
  private void giveJobBack(Tx tx, Runner runner, String reason, Optional<TraceContext> trace) {
    runner
        .reservation()
        .ifPresent(r -> {
          JobStore.find(tx, r.job())
              .filter(j -> j.runner().equals(Optional.of(runner.id().value())))
              .ifPresent(j -> placement.giveBack(tx, j.id(), reason, clock.instant()));
          queue.due(tx, RunnerKeys.job(r.job()), clock.instant(), trace);
        });
  }

  // Ended by the batch of its provider, once GitHub no longer knows it.
  private Outcome end(Runner runner, Optional<TraceContext> trace) {
    boolean gone = removeRegistrations(runner);
    boolean reported = runner.state() == RunnerState.TERMINATING;
    if (!gone && !reported) {
      return new Outcome.RequeueAfter(LOOK_AGAIN);
    }
    writer.run(
        Priority.RECONCILE,
        tx -> {
          Runner current = RunnerStore.find(tx, runner.id()).orElseThrow();
          if (current.state() == RunnerState.FAILED) {
            current =
                apply(
                    tx,
                    current,
                    new RunnerEvent.TerminateWanted(current.reason().orElse("it failed")));
          }
          dueBeside(tx, current, trace);
        });
    assignments.nudge(runner.id());
    return new Outcome.RequeueAfter(LOOK_AGAIN);
  }

  private Outcome ended(Runner runner) {
    assignments.remove(runner.id());
    return removeRegistrations(runner) ? new Outcome.Done() : new Outcome.RequeueAfter(LOOK_AGAIN);
  }

  private Outcome again(Runner runner, boolean late) {
    writer.run(Priority.RECONCILE, tx -> dueBeside(tx, runner, Optional.empty()));
    return late ? new Outcome.RequeueAfter(LOOK_AGAIN) : atDeadline(runner);
  }

  private void dueBeside(Tx tx, Runner runner, Optional<TraceContext> trace) {
    RunnerOrigin origin = runner.origin();
    queue.due(tx, RunnerKeys.compute(origin.provider(), origin.region()), clock.instant(), trace);
    queue.due(tx, RunnerKeys.pool(origin.pool()), clock.instant(), trace);
  }

  /** Takes every registration of the runner off GitHub; false when it is at work there. */
  private boolean removeRegistrations(Runner runner) {
    List<Registrations.Open> open = database.read(read -> Registrations.openOf(read, runner.id()));
    for (Registrations.Open registration : open) {
      Optional<Long> number = registration.githubId();
      if (number.isEmpty()) {
        continue; // the answer never came: the sweep of the ledger looks for it by name
      }
      RunnerRegistry.Removal removal = registry.remove(registration.scope(), number.get());
      if (removal == RunnerRegistry.Removal.BUSY) {
        return false;
      }
      writer.run(
          Priority.RECONCILE,
          tx -> Registrations.removed(tx, registration.name(), clock.instant()));
    }
    return true;
  }

  private Runner apply(Tx tx, Runner runner, RunnerEvent event) {
    return RunnerStore.apply(tx, runner, event, clock.instant(), specs.of(runner));
  }
}
