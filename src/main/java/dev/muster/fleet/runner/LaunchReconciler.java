package dev.muster.fleet.runner;

import dev.muster.fleet.compute.Compute;
import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.compute.LaunchResult;
import dev.muster.fleet.compute.Machine;
import dev.muster.kernel.queue.WorkKey;
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
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Carries a stored launch out. The row was committed before; calling the provider again with the
 * same launch, as after a crash, gives the same machines.
 */
public final class LaunchReconciler implements Reconciler<LaunchId> {
  /** What a machine costs is of interest when it has run for a while. */
  private static final Duration ACCOUNTED = Duration.ofMinutes(10);

  private final Database database;
  private final Writer writer;
  private final WorkQueue queue;
  private final InstantSource clock;
  private final Compute compute;
  private final LaunchSecrets secrets;
  private final DeadlinePolicy deadlines;

  public LaunchReconciler(
      Database database,
      Writer writer,
      WorkQueue queue,
      InstantSource clock,
      Compute compute,
      LaunchSecrets secrets,
      DeadlinePolicy deadlines) {
    this.database = database;
    this.writer = writer;
    this.queue = queue;
    this.clock = clock;
    this.compute = compute;
    this.secrets = secrets;
    this.deadlines = deadlines;
  }

  @Override
  public String kind() {
    return RunnerKeys.LAUNCH;
  }

  @Override
  public LaunchId key(String name) {
    return new LaunchId(name);
  }

  @Override
  public Outcome reconcile(LaunchId id, Optional<TraceContext> trace) throws InterruptedException {
    Optional<Launch> launch = database.read(read -> LaunchStore.find(read, id));
    if (launch.isEmpty() || launch.get().state() == Launch.State.ANSWERED) {
      return new Outcome.Done();
    }
    if (database.read(read -> RunnerStore.of(read, id)).stream()
        .noneMatch(r -> r.state().alive())) {
      writer.run(Priority.RECONCILE, tx -> abandon(tx, launch.get(), trace));
      return new Outcome.Done();
    }
    LaunchRequest request =
        LaunchRequest.parse(database.read(read -> LaunchStore.request(read, id)));
    LaunchResult result = call(launch.get(), request);
    writer.run(Priority.RECONCILE, tx -> settle(tx, launch.get(), result, trace));
    return new Outcome.Done();
  }

  private LaunchResult call(Launch launch, LaunchRequest request) throws InterruptedException {
    try {
      return compute.provider(launch.provider()).launch(request, secrets.of(launch.id()));
    } catch (StalledException e) {
      return new LaunchResult.Refused(String.valueOf(e.getMessage()));
    }
  }

  private void settle(Tx tx, Launch launch, LaunchResult result, Optional<TraceContext> trace) {
    List<Runner> runners = RunnerStore.of(tx, launch.id());
    switch (result) {
      case LaunchResult.Launched(List<Machine> machines, String note) -> {
        int index = 0;
        for (Runner runner : runners) {
          if (index < machines.size()) {
            Machine machine = machines.get(index++);
            apply(tx, runner, new RunnerEvent.Launched(machine.id()));
            machine.offer().ifPresent(offer -> RunnerStore.bought(tx, runner.id(), offer));
            due(tx, RunnerKeys.runner(runner.id()), trace);
          } else {
            apply(tx, runner, new RunnerEvent.Terminated("no capacity: " + note));
          }
        }
        LaunchStore.answered(
            tx,
            launch.id(),
            machines.size() + " of " + launch.count() + " " + note,
            clock.instant());
        sweepLater(tx, launch);
        if (machines.stream().anyMatch(machine -> machine.offer().isPresent())) {
          queue.due(tx, RunnerKeys.cost(), clock.instant().plus(ACCOUNTED), Optional.empty());
        }
      }
      case LaunchResult.NoCapacity(String reason) ->
          fail(tx, launch, runners, "no capacity: " + reason);
      case LaunchResult.Refused(String reason) -> fail(tx, launch, runners, "refused: " + reason);
    }
    due(tx, RunnerKeys.pool(launch.pool()), trace);
  }

  /** Nobody waits for its runners any more; what an earlier call may have made is an orphan. */
  private void abandon(Tx tx, Launch launch, Optional<TraceContext> trace) {
    fail(tx, launch, RunnerStore.of(tx, launch.id()), "given up before the provider answered");
    sweepLater(tx, launch);
    due(tx, RunnerKeys.pool(launch.pool()), trace);
  }

  /** The sweep begins with the first machine; nothing has to be looked at now. */
  private void sweepLater(Tx tx, Launch launch) {
    queue.due(
        tx,
        RunnerKeys.compute(launch.provider(), launch.region()),
        clock.instant().plus(ComputeReconciler.SWEEP),
        Optional.empty());
  }

  private void fail(Tx tx, Launch launch, List<Runner> runners, String reason) {
    runners.forEach(runner -> apply(tx, runner, new RunnerEvent.Terminated(reason)));
    LaunchStore.answered(tx, launch.id(), reason, clock.instant());
  }

  private void apply(Tx tx, Runner runner, RunnerEvent event) {
    RunnerStore.apply(tx, runner, event, clock.instant(), deadlines.of(runner));
  }

  private void due(Tx tx, WorkKey key, Optional<TraceContext> trace) {
    queue.due(tx, key, clock.instant(), trace);
  }
}
