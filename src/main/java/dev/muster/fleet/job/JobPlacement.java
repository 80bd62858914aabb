package dev.muster.fleet.job;

import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/** Gives jobs their pool as the config in force has it, and again when the config changes. */
public final class JobPlacement {
  /** The kind of a pool's key in the queue. */
  private static final String POOL = "pool";

  /** Jobs that need new machines and come within this time are one launch (FLEET: bursts stall). */
  private static final Duration TOGETHER = Duration.ofMillis(50);

  /** A job that was rejected longer ago than this is not waited for by anybody. */
  private static final Duration SECOND_CHANCE = Duration.ofDays(1);

  private final Supplier<Optional<FleetSpec>> fleet;
  private final WorkQueue queue;
  private final WarmPools warm;

  public JobPlacement(Supplier<Optional<FleetSpec>> fleet, WorkQueue queue, WarmPools warm) {
    this.fleet = fleet;
    this.queue = queue;
    this.warm = warm;
  }

  /** Whether a job is meant for us; without a config only the marker can say so. */
  public boolean concerns(JobFacts job) {
    return fleet
        .get()
        .map(spec -> !(new Matching(spec).match(job, false) instanceof Match.NotOurs))
        .orElseGet(() -> !(Labels.read(job.labels()) instanceof Labels.Reading.Unmarked));
  }

  /** The pool that would serve a job; empty without a config, and where it is rejected. */
  public Optional<PoolSpec> pool(Read read, JobFacts job) {
    return fleet
        .get()
        .map(spec -> new Matching(spec).match(job, RerunIntents.onDemand(read, job)))
        .filter(Match.Served.class::isInstance)
        .map(match -> ((Match.Served) match).pool());
  }

  /** Places a job that waits; one that has a runner stays where it is. */
  public void place(Tx tx, Job job, Instant now) {
    if (job.state() == JobState.QUEUED || job.state() == JobState.REJECTED) {
      boolean onDemand = RerunIntents.onDemand(tx, job.facts());
      fleet
          .get()
          .ifPresent(spec -> place(tx, job, new Matching(spec).match(job.facts(), onDemand), now));
    }
  }

  private void place(Tx tx, Job job, Match match, Instant now) {
    switch (match) {
      case Match.Served served -> place(tx, job, served, now);
      case Match.Rejected(String reason) -> reject(tx, job, reason, now);
      case Match.NotOurs() -> reject(tx, job, "the config no longer names its labels", now);
    }
  }

  /** Only code of the repository's own is served where forks are not: nothing is let through. */
  private void place(Tx tx, Job job, Match.Served served, Instant now) {
    String environment = served.placement().environment();
    if (!served.forks()) {
      Optional<RunOrigin> origin = RunOrigins.find(tx, job.facts().run());
      if (origin.isEmpty()) {
        hold(tx, job, environment, now);
        return;
      }
      if (origin.get().fork()) {
        reject(
            tx,
            job,
            "its code comes from %s, and environment '%s' does not allow forks"
                .formatted(origin.get().words(), environment),
            now);
        return;
      }
    }
    Optional<Job> placed =
        JobStore.apply(tx, job.id(), new JobEvent.Placed(served.placement()), now);
    if (!placed.flatMap(Job::placement).equals(job.placement())
        && RerunIntents.onDemand(tx, job.facts())) {
      String why = "its run lost jobs with their machines: no spot capacity is asked for";
      JobStore.note(tx, job.id(), new TimelineEntry(now, "on demand", why));
    }
    String pool = served.placement().pool();
    Instant due = warm.has(pool) ? now : now.plus(TOGETHER);
    queue.due(tx, new WorkKey(POOL, pool), due, job.trace());
  }

  /**
   * A job whose runner is gone waits again, and where the config in force places it: that may have
   * changed since the job got the runner.
   */
  public void giveBack(Tx tx, JobId job, String reason, Instant now) {
    JobStore.apply(tx, job, new JobEvent.Returned(reason), now)
        .ifPresent(returned -> place(tx, returned, now));
  }

  private void hold(Tx tx, Job job, String environment, Instant now) {
    String reason =
        "it is not known yet whether its code comes from a fork, which environment '"
            + environment
            + "' does not allow; GitHub is asked";
    JobStore.apply(tx, job.id(), new JobEvent.Held(reason), now);
    queue.due(tx, JobKeys.run(job.facts().run()), now, job.trace());
  }

  /** Whether it matters where the code of a repository's runs comes from. */
  public boolean mindsForks(String repository) {
    return fleet
        .get()
        .map(spec ->
            spec.environments().values().stream()
                .anyMatch(e -> !e.allow().forks() && e.serves(repository)))
        .orElse(false);
  }

  /**
   * It is known now where a run's code comes from: its jobs that waited for that wait no longer.
   */
  public void learnt(Tx tx, RunOrigin origin, Instant now) {
    RunOrigins.remember(tx, origin, now);
    JobStore.ofRun(tx, origin.run()).stream()
        .filter(job -> job.state() == JobState.QUEUED && job.placement().isEmpty())
        .filter(job -> ours(tx, job))
        .forEach(job -> place(tx, job, now));
  }

  private static boolean ours(Read read, Job job) {
    return OwnershipStore.of(read, job.id()).flatMap(Ownership::elsewhere).isEmpty();
  }

  private void reject(Tx tx, Job job, String reason, Instant now) {
    JobStore.apply(tx, job.id(), new JobEvent.Rejected(reason), now);
    // Whoever named us by the marker waits for us; one that did not may be served by others.
    if (Labels.marked(job.facts().labels())) {
      queue.due(tx, JobKeys.report(job.id()), now, job.trace());
    }
  }

  /** Places every job that waits anew, as after a change of the config. */
  public void placeAll(Tx tx, Instant now) {
    JobStore.in(tx, JobState.QUEUED, Integer.MAX_VALUE).forEach(job -> place(tx, job, now));
    Instant since = now.minus(SECOND_CHANCE);
    JobStore.in(tx, JobState.REJECTED, Integer.MAX_VALUE).stream()
        .filter(job -> job.facts().createdAt().isAfter(since))
        .forEach(job -> place(tx, job, now));
  }
}
