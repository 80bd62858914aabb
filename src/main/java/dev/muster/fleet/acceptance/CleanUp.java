package dev.muster.fleet.acceptance;

import dev.muster.fleet.compute.Compute;
import dev.muster.fleet.compute.Instance;
import dev.muster.fleet.compute.Listing;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.Placement;
import dev.muster.fleet.job.RunRef;
import dev.muster.fleet.runner.DeadlinePolicy;
import dev.muster.fleet.runner.Registrations;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerEvent;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.fleet.runner.RunnerRegistry;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Sees to it that nothing of an acceptance is left: jobs that have not ended are cancelled, idle
 * runners that were made for its jobs are ended, and then neither the provider nor GitHub may show
 * anything. What the pool keeps for others is left alone.
 */
final class CleanUp {
  private static final Duration CANCEL_AGAIN = Duration.ofMinutes(1);
  private static final int MOST_RUNNERS = 100;

  private final Database database;
  private final Writer writer;
  private final WorkQueue queue;
  private final InstantSource clock;
  private final AcceptanceJobs jobs;
  private final AcceptanceWorkflow workflow;
  private final Compute compute;
  private final RunnerRegistry registry;
  private final DeadlinePolicy deadlines;

  /** When each run was cancelled; a restart cancels it anew, which does no harm. */
  private final Map<RunRef, Instant> cancelled = new ConcurrentHashMap<>();

  CleanUp(
      Database database,
      Writer writer,
      WorkQueue queue,
      InstantSource clock,
      AcceptanceJobs jobs,
      AcceptanceWorkflow workflow,
      Compute compute,
      RunnerRegistry registry,
      DeadlinePolicy deadlines) {
    this.database = database;
    this.writer = writer;
    this.queue = queue;
    this.clock = clock;
    this.jobs = jobs;
    this.workflow = workflow;
    this.compute = compute;
    this.registry = registry;
    this.deadlines = deadlines;
  }

  /** Looks how far the step is, and does what is to be done for it now. */
  Verdict look(Acceptance acceptance, AcceptanceStep step) throws InterruptedException {
    List<Job> all = jobs.all(acceptance);
    List<Job> open = all.stream().filter(job -> !job.state().ended()).toList();
    if (!open.isEmpty()) {
      open.stream().map(job -> job.facts().run()).distinct().forEach(this::cancel);
      return new Verdict.Waits("cancelled job %s has not ended".formatted(open.getFirst().id()));
    }
    all.forEach(job -> cancelled.remove(job.facts().run()));
    List<Runner> runners = runners(acceptance, all);
    List<Runner> living = runners.stream().filter(r -> !r.state().ended()).toList();
    if (!living.isEmpty()) {
      writer.run(Priority.RECONCILE, tx -> living.forEach(runner -> end(tx, runner)));
      Runner first = living.getFirst();
      return new Verdict.Waits("runner %s is %s".formatted(first.id(), first.state().word()));
    }
    Optional<String> left = machineLeft(runners).or(() -> registrationLeft(runners));
    return left.isPresent()
        ? new Verdict.Waits(left.get())
        : new Verdict.Passed(
            "%d jobs and %d machines have ended; the provider and GitHub show none of them"
                .formatted(all.size(), runners.size()));
  }

  private void cancel(RunRef run) {
    Instant now = clock.instant();
    Instant last = cancelled.get(run);
    if (last == null || !now.isBefore(last.plus(CANCEL_AGAIN))) {
      workflow.cancel(run);
      cancelled.put(run, now);
    }
  }

  /** Those that its jobs ran on, and all of the pools that only its jobs made. */
  private List<Runner> runners(Acceptance acceptance, List<Job> all) {
    Map<RunnerId, Runner> runners = new LinkedHashMap<>();
    Set<String> pools =
        all.stream()
            .flatMap(job -> job.placement().stream())
            .map(Placement::pool)
            .filter(pool -> !pool.equals(acceptance.pool()))
            .collect(Collectors.toSet());
    List<Runner> found = new ArrayList<>();
    database.read(read -> {
      for (Job job : all) {
        job.runner().flatMap(id -> RunnerStore.find(read, new RunnerId(id))).ifPresent(found::add);
      }
      for (String pool : pools) {
        found.addAll(
            RunnerStore.newest(
                    read, Optional.empty(), Optional.of(pool), Optional.empty(), MOST_RUNNERS)
                .stream()
                .filter(r -> !r.origin().createdAt().isBefore(acceptance.createdAt()))
                .toList());
      }
      return found;
    });
    Set<JobId> ours = all.stream().map(Job::id).collect(Collectors.toSet());
    found.stream()
        .filter(runner -> runner.reservation().map(r -> ours.contains(r.job())).orElse(true))
        .forEach(runner -> runners.put(runner.id(), runner));
    return List.copyOf(runners.values());
  }

  /** One at work ends with its job, which has ended. */
  private void end(Tx tx, Runner seen) {
    Runner runner = RunnerStore.find(tx, seen.id()).orElseThrow();
    String reason = "the acceptance that it was made for is over";
    Optional<RunnerEvent> event =
        switch (runner.state()) {
          case PLANNED, LAUNCHING, BOOTING, READY, STOPPING, STOPPED, STARTING ->
              Optional.of(new RunnerEvent.TerminateWanted(reason));
          case ASSIGNED, REGISTERED -> Optional.of(new RunnerEvent.Released(reason));
          case BUSY, TERMINATING, TERMINATED, FAILED -> Optional.empty();
        };
    if (event.isEmpty() || runner.reason().equals(Optional.of(reason))) {
      return;
    }
    Instant now = clock.instant();
    RunnerStore.apply(tx, runner, event.get(), now, deadlines.of(runner));
    queue.due(tx, RunnerKeys.runner(runner.id()), now, Optional.empty());
    queue.due(
        tx,
        RunnerKeys.compute(runner.origin().provider(), runner.origin().region()),
        now,
        Optional.empty());
  }

  private record Where(String provider, String region) {}

  private Optional<String> machineLeft(List<Runner> runners) throws InterruptedException {
    Map<Where, List<Runner>> places =
        runners.stream()
            .collect(
                Collectors.groupingBy(r -> new Where(r.origin().provider(), r.origin().region())));
    for (Map.Entry<Where, List<Runner>> place : places.entrySet()) {
      Where where = place.getKey();
      Set<String> ours =
          place.getValue().stream().flatMap(r -> r.instance().stream()).collect(Collectors.toSet());
      Listing listing = compute.provider(where.provider()).list(where.region());
      Optional<String> left =
          listing.machines().stream().map(Instance::id).filter(ours::contains).findFirst();
      if (left.isPresent()) {
        return Optional.of("machine %s is still there".formatted(left.get()));
      }
      Optional<String> unknown =
          place.getValue().stream()
              .flatMap(r -> listing.hides(r.origin().launch().value()).stream())
              .findFirst();
      if (unknown.isPresent()) {
        return unknown;
      }
    }
    return Optional.empty();
  }

  private Optional<String> registrationLeft(List<Runner> runners) {
    List<Registrations.Made> made =
        runners.stream()
            .flatMap(r -> database.read(read -> Registrations.ever(read, r.id())).stream())
            .toList();
    Set<String> names = made.stream().map(Registrations.Made::name).collect(Collectors.toSet());
    return made.stream()
        .map(Registrations.Made::scope)
        .distinct()
        .flatMap(scope -> registry.list(scope).stream())
        .map(RunnerRegistry.Remote::name)
        .filter(names::contains)
        .findFirst()
        .map(name -> "runner %s is still registered at GitHub".formatted(name));
  }
}
