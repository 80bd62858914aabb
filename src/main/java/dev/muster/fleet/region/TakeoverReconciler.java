package dev.muster.fleet.region;

import dev.muster.fleet.github.GitHubClient;
import dev.muster.fleet.github.GitHubJobs;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobEvent;
import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobKeys;
import dev.muster.fleet.job.JobPlacement;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.Ownership;
import dev.muster.fleet.job.OwnershipStore;
import dev.muster.fleet.job.RerunIntent;
import dev.muster.fleet.job.RerunIntents;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.kernel.audit.Actor;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.Reconciler;
import dev.muster.kernel.reconcile.Stalls;
import dev.muster.kernel.replication.Mirror;
import dev.muster.kernel.replication.Takeovers;
import dev.muster.kernel.replication.Takeovers.Takeover;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes over the jobs that a silent region left waiting, each only when GitHub says that it still
 * waits. What runs there is left to finish. It looks again while the region is silent: what that
 * one wrote last may come late.
 */
public final class TakeoverReconciler implements Reconciler<TakeoverReconciler.Key> {
  private static final Duration AGAIN = Duration.ofMinutes(1);
  private static final int PAGE = 500;

  /** A region whose work was left behind, in an environment. */
  public record Key(String environment, String region) {}

  private final Database database;
  private final Writer writer;
  private final WorkQueue queue;
  private final AuditLog audit;
  private final InstantSource clock;
  private final GitHubClient client;
  private final GitHubJobs jobs;
  private final JobPlacement placement;

  public TakeoverReconciler(
      Database database,
      Writer writer,
      WorkQueue queue,
      AuditLog audit,
      InstantSource clock,
      GitHubClient client,
      JobPlacement placement) {
    this.database = database;
    this.writer = writer;
    this.queue = queue;
    this.audit = audit;
    this.clock = clock;
    this.client = client;
    this.jobs = new GitHubJobs(client);
    this.placement = placement;
  }

  @Override
  public String kind() {
    return RegionKeys.TAKEOVER;
  }

  @Override
  public Key key(String name) {
    int slash = name.lastIndexOf('/');
    return new Key(name.substring(0, slash), name.substring(slash + 1));
  }

  /** A job that waits at the silent region, as the regions know it. */
  private record Left(JobFacts facts, Instant queuedAt, int epoch, Optional<TraceContext> trace) {}

  @Override
  public Outcome reconcile(Key key, Optional<TraceContext> trace) {
    Optional<Takeover> takeover =
        database.read(read -> Takeovers.open(read, key.environment(), key.region()));
    if (takeover.isEmpty()) {
      return new Outcome.Done(); // it is back
    }
    if (!client.configured()) {
      return new Outcome.RequeueAfter(AGAIN); // only GitHub knows what waits
    }
    writer.run(Priority.RECONCILE, tx -> reruns(tx, key));
    Stalls.each(
        database.read(read -> left(read, key)).values(), left -> take(takeover.get(), left));
    return new Outcome.RequeueAfter(AGAIN);
  }

  private Map<JobId, Left> left(Read read, Key key) {
    Map<JobId, Left> left = new LinkedHashMap<>();
    String after = "";
    List<Mirror.Held> page;
    do {
      page = Mirror.ofWriter(read, key.environment(), key.region(), JobStore.KIND, after, PAGE);
      for (Mirror.Held held : page) {
        RegionalHomes.body(held)
            .filter(body -> body.home().equals(key.region()) && waits(body.jobState()))
            .ifPresent(body -> left.put(new JobId(body.id()), left(body)));
        after = held.item().key().name();
      }
    } while (page.size() == PAGE);
    for (OwnershipStore.Owned owned : OwnershipStore.waitingAt(read, key.region())) {
      Job job = owned.job();
      left.putIfAbsent(
          job.id(),
          new Left(
              job.facts(),
              job.times().queued().orElse(job.facts().createdAt()),
              owned.ownership().epoch(),
              job.trace()));
    }
    // What somebody has taken over already is no longer theirs.
    left.entrySet()
        .removeIf(entry ->
            OwnershipStore.of(read, entry.getKey())
                    .filter(o -> o.epoch() > entry.getValue().epoch())
                    .isPresent()
                || RegionalHomes.claims(read, entry.getValue().facts()).stream()
                    .anyMatch(claim -> claim.epoch() > entry.getValue().epoch()));
    return left;
  }

  private static Left left(JobBody body) {
    return new Left(
        body.facts(), body.queuedAt().orElse(body.createdAt()), body.epoch(), body.trace());
  }

  private static boolean waits(JobState state) {
    return state == JobState.QUEUED || state == JobState.WAITING;
  }

  private void take(Takeover takeover, Left left) {
    boolean queued =
        switch (jobs.job(left.facts().repository(), left.facts().id())) {
          case GitHubJobs.Lookup.Known known -> known.status().equals("queued");
          case GitHubJobs.Lookup.Gone() -> false;
        };
    if (queued) {
      writer.run(Priority.RECONCILE, tx -> take(tx, takeover, left));
    }
  }

  private void take(Tx tx, Takeover takeover, Left left) {
    Instant now = clock.instant();
    JobId id = left.facts().id();
    JobStore.apply(tx, left.facts(), new JobEvent.Queued(left.queuedAt()), now, left.trace());
    OwnershipStore.own(
        tx, id, new Ownership(Optional.empty(), left.epoch() + 1), takeover.environment());
    String reason = "from region %s: %s".formatted(takeover.region(), takeover.reason());
    JobStore.note(tx, id, new TimelineEntry(now, "taken over", reason));
    JobStore.find(tx, id).ifPresent(job -> placement.place(tx, job, now));
    queue.due(tx, RunnerKeys.job(id), now.plus(AGAIN), left.trace());
    Takeovers.job(tx, takeover);
    audit.add(tx, Actor.MUSTER, "job.taken-over", id.toString(), reason);
  }

  /** GitHub's count of attempts keeps two regions from rerunning the same. */
  private void reruns(Tx tx, Key key) {
    Mirror.ofWriter(tx, key.environment(), key.region(), RerunIntents.KIND, "", PAGE).stream()
        .map(held -> RerunReplica.parse(held.item().body()).intent())
        .filter(intent ->
            intent.state() == RerunIntent.State.WAITING
                || intent.state() == RerunIntent.State.ASKED)
        .filter(intent -> RerunIntents.find(tx, intent.run(), intent.attempt()).isEmpty())
        .forEach(intent -> {
          RerunIntents.restore(tx, intent);
          queue.due(tx, JobKeys.rerun(intent.run()), clock.instant(), Optional.empty());
        });
  }
}
