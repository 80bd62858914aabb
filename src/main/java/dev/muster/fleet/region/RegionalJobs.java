package dev.muster.fleet.region;

import dev.muster.fleet.github.GitHubEvent;
import dev.muster.fleet.github.GitHubWebhooks;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobEvent;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.Ownership;
import dev.muster.fleet.job.OwnershipStore;
import dev.muster.fleet.job.Placement;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.region.RegionalHomes.Claim;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.Reconciler;
import dev.muster.kernel.replication.Mirror;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Brings a job of which other regions told together with what is known of it here: takes it where
 * this region is its home, lets it go where another is, and learns what GitHub said elsewhere.
 */
public final class RegionalJobs implements Reconciler<JobId> {
  /** So many jobs are brought together in one transaction. */
  private static final int PAGE = 100;

  private final String own;
  private final Database database;
  private final Writer writer;
  private final WorkQueue queue;
  private final InstantSource clock;
  private final GitHubWebhooks webhooks;

  public RegionalJobs(
      String own,
      Database database,
      Writer writer,
      WorkQueue queue,
      InstantSource clock,
      GitHubWebhooks webhooks) {
    this.own = own;
    this.database = database;
    this.writer = writer;
    this.queue = queue;
    this.clock = clock;
    this.webhooks = webhooks;
  }

  @Override
  public String kind() {
    return RegionKeys.JOB;
  }

  @Override
  public JobId key(String name) {
    return new JobId(Long.parseLong(name));
  }

  @Override
  public Outcome reconcile(JobId id, Optional<TraceContext> trace) {
    List<Mirror.Held> told = database.read(read -> Mirror.of(read, JobStore.KIND, id.toString()));
    Optional<Ownership> known = database.read(read -> OwnershipStore.of(read, id));
    if (nothingNew(told, known)) {
      return new Outcome.Done();
    }
    writer.run(Priority.RECONCILE, tx -> bringTogether(tx, id, trace));
    return new Outcome.Done();
  }

  /**
   * Brings all open jobs of an environment together at once, as before this region acts on them:
   * what was taken over while it was away is let go before anything is launched for it.
   */
  public void bringTogether(String environment) {
    List<JobId> open =
        database.read(read -> OwnershipStore.openSince(read, environment, clock.instant()));
    for (int from = 0; from < open.size(); from += PAGE) {
      List<JobId> page = open.subList(from, Math.min(from + PAGE, open.size()));
      writer.run(
          Priority.RECONCILE, tx -> page.forEach(id -> bringTogether(tx, id, Optional.empty())));
    }
  }

  /** Most of what is told is of jobs at home elsewhere, of which nothing is known here. */
  private boolean nothingNew(List<Mirror.Held> told, Optional<Ownership> known) {
    return known.isEmpty()
        && told.stream()
            .flatMap(held -> RegionalHomes.claim(held).stream())
            .min(Claim.STRONGEST)
            .filter(claim -> !claim.region().equals(own))
            .isPresent();
  }

  private void bringTogether(Tx tx, JobId id, Optional<TraceContext> trace) {
    List<Mirror.Held> told = Mirror.of(tx, JobStore.KIND, id.toString());
    Optional<Ownership> known = OwnershipStore.of(tx, id);
    List<Claim> claims = new ArrayList<>();
    told.forEach(held -> RegionalHomes.claim(held).ifPresent(claims::add));
    known.ifPresent(o -> claims.add(new Claim(o.elsewhere().orElse(own), o.epoch())));
    Optional<Claim> strongest = claims.stream().min(Claim.STRONGEST);
    if (strongest.isEmpty()) {
      return;
    }
    if (strongest.get().region().equals(own)) {
      hold(tx, id, told, strongest.get(), trace);
    } else if (known.isPresent()) {
      letGo(tx, id, known.get(), strongest.get(), told);
    }
  }

  /**
   * This region serves it: what GitHub said to the others holds here as if it had been said here.
   */
  private void hold(
      Tx tx, JobId id, List<Mirror.Held> told, Claim claim, Optional<TraceContext> trace) {
    for (Mirror.Held held : told) {
      Optional<JobBody> body = RegionalHomes.body(held);
      if (body.isEmpty()) {
        continue;
      }
      boolean first = JobStore.find(tx, id).isEmpty();
      Ownership ours = new Ownership(Optional.empty(), claim.epoch());
      if (!first) {
        OwnershipStore.own(tx, id, ours, held.environment());
      }
      changed(body.get())
          .ifPresent(change -> webhooks.apply(tx, change, body.get().trace().or(() -> trace)));
      if (first && JobStore.find(tx, id).isPresent()) {
        OwnershipStore.own(tx, id, ours, held.environment());
        JobStore.note(
            tx,
            id,
            new TimelineEntry(
                clock.instant(),
                "handed over",
                "region %s heard of it from GitHub".formatted(held.item().key().writer())));
      }
    }
  }

  /** GitHub's word as another region heard it. */
  private static Optional<GitHubEvent.JobChanged> changed(JobBody body) {
    Optional<GitHubEvent.JobAction> action =
        switch (body.jobState()) {
          case WAITING -> Optional.of(GitHubEvent.JobAction.WAITING);
          case QUEUED, ASSIGNED, REJECTED -> Optional.of(GitHubEvent.JobAction.QUEUED);
          case RUNNING -> Optional.of(GitHubEvent.JobAction.IN_PROGRESS);
          case COMPLETED, INTERRUPTED -> Optional.of(GitHubEvent.JobAction.COMPLETED);
          case LOST -> Optional.empty();
        };
    return action.map(a ->
        new GitHubEvent.JobChanged(
            a,
            body.facts(),
            body.conclusion(),
            body.runnerName(),
            Optional.empty(),
            body.startedAt(),
            body.completedAt()));
  }

  /** Another region serves it. What runs here runs on, and nothing is launched for it any more. */
  private void letGo(Tx tx, JobId id, Ownership known, Claim claim, List<Mirror.Held> told) {
    if (known.elsewhere().isPresent() && known.epoch() == claim.epoch()) {
      return;
    }
    Instant now = clock.instant();
    Job job = JobStore.find(tx, id).orElseThrow();
    String environment =
        OwnershipStore.environment(tx, id).orElseGet(() -> told.getFirst().environment());
    String reason = "region %s has taken it over".formatted(claim.region());
    if (job.state() == JobState.ASSIGNED) {
      JobStore.apply(tx, id, new JobEvent.Returned(reason), now);
    }
    OwnershipStore.own(
        tx, id, new Ownership(Optional.of(claim.region()), claim.epoch()), environment);
    JobStore.note(tx, id, new TimelineEntry(now, "handed over", reason));
    job.placement()
        .map(Placement::pool)
        .ifPresent(pool -> queue.due(tx, RunnerKeys.pool(pool), now, job.trace()));
  }
}
