package dev.muster.fleet.github;

import dev.muster.fleet.job.EndedJobs;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobEvent;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.Placement;
import dev.muster.fleet.runner.Interruptions;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.Reconciler;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Asks GitHub about a job whose webhooks may be lost. Webhooks remain the usual way: a job is asked
 * about only when it stays in a state for long. What GitHub answers does what the lost webhook
 * would have done, to the job's runner too.
 */
public final class JobReconciler implements Reconciler<JobId> {
  private static final Duration WAITING = Duration.ofMinutes(10);
  private static final Duration RUNNING = Duration.ofMinutes(30);
  private static final Duration INTERRUPTED = Duration.ofMinutes(3);

  /** Reads may lag: that a job is gone is believed only when it is still so after this. */
  private static final Duration GONE_TWICE = Duration.ofMinutes(1);

  private final Database database;
  private final Writer writer;
  private final WorkQueue queue;
  private final InstantSource clock;
  private final GitHubClient client;
  private final GitHubJobs jobs;
  private final GitHubWebhooks webhooks;
  private final EndedJobs ended;
  private final Map<JobId, Instant> gone = new ConcurrentHashMap<>();

  public JobReconciler(
      Database database,
      Writer writer,
      WorkQueue queue,
      InstantSource clock,
      GitHubClient client,
      GitHubWebhooks webhooks,
      EndedJobs ended) {
    this.database = database;
    this.writer = writer;
    this.queue = queue;
    this.clock = clock;
    this.client = client;
    this.jobs = new GitHubJobs(client);
    this.webhooks = webhooks;
    this.ended = ended;
  }

  @Override
  public String kind() {
    return RunnerKeys.JOB;
  }

  @Override
  public JobId key(String name) {
    return new JobId(Long.parseLong(name));
  }

  @Override
  public boolean ofOneTrace() {
    return true;
  }

  @Override
  public int concurrency() {
    return 2;
  }

  @Override
  public Outcome reconcile(JobId id, Optional<TraceContext> trace) {
    Optional<Job> found = database.read(read -> JobStore.find(read, id));
    if (found.isEmpty() || settled(found.get().state()) || !client.configured()) {
      gone.remove(id);
      return new Outcome.Done();
    }
    Job job = found.get();
    return switch (jobs.job(job.facts().repository(), id)) {
      case GitHubJobs.Lookup.Known known -> {
        gone.remove(id);
        if (job.state() == JobState.LOST && known.status().equals("queued")) {
          writer.run(Priority.RECONCILE, tx -> webhooks.found(tx, id));
        }
        change(job, known)
            .ifPresent(told ->
                writer.run(
                    Priority.RECONCILE,
                    tx -> webhooks.apply(tx, told, job.trace().or(() -> trace))));
        yield new Outcome.RequeueAfter(
            job.state() == JobState.RUNNING ? whileRunning(job) : WAITING);
      }
      case GitHubJobs.Lookup.Gone() -> gone(job, trace);
    };
  }

  /** GitHub concludes a job whose machine is gone within some ten minutes. */
  private Duration whileRunning(Job job) {
    boolean taken =
        database.read(read ->
            job.runner().flatMap(id -> Interruptions.of(read, new RunnerId(id))).isPresent());
    return taken ? INTERRUPTED : RUNNING;
  }

  private static boolean settled(JobState state) {
    return switch (state) {
      case WAITING, QUEUED, ASSIGNED, RUNNING -> false;
      case LOST -> false; // asked about again only where something tells of it
      case COMPLETED, REJECTED, INTERRUPTED -> true;
    };
  }

  private Outcome gone(Job job, Optional<TraceContext> trace) {
    if (job.state() == JobState.LOST) {
      return new Outcome.Done();
    }
    Instant now = clock.instant();
    Instant first = gone.computeIfAbsent(job.id(), id -> now);
    if (now.isBefore(first.plus(GONE_TWICE))) {
      return new Outcome.RequeueAfter(GONE_TWICE);
    }
    gone.remove(job.id());
    writer.run(Priority.RECONCILE, tx -> vanished(tx, job, trace));
    return new Outcome.Done();
  }

  /** The webhook that told of this, or would have. */
  private Optional<GitHubEvent.JobChanged> change(Job job, GitHubJobs.Lookup.Known known) {
    return switch (known.status()) {
      case "completed" -> Optional.of(change(GitHubEvent.JobAction.COMPLETED, job, known));
      case "in_progress" ->
          known.runnerName().map(name -> change(GitHubEvent.JobAction.IN_PROGRESS, job, known));
      default -> Optional.empty(); // it waits, as we think; an older answer proves nothing
    };
  }

  private GitHubEvent.JobChanged change(
      GitHubEvent.JobAction action, Job job, GitHubJobs.Lookup.Known known) {
    Instant now = clock.instant();
    return new GitHubEvent.JobChanged(
        action,
        job.facts(),
        known.conclusion(),
        known.runnerName(),
        Optional.empty(),
        known.startedAt().or(() -> Optional.of(now)),
        known.completedAt().or(() -> Optional.of(now)));
  }

  private void vanished(Tx tx, Job job, Optional<TraceContext> trace) {
    JobStore.apply(tx, job.id(), new JobEvent.Vanished(), clock.instant())
        .filter(now -> now.state().ended() && !job.state().ended())
        .ifPresent(now -> ended.ended(tx, now));
    job.placement()
        .map(Placement::pool)
        .ifPresent(pool -> queue.due(tx, RunnerKeys.pool(pool), clock.instant(), trace));
  }
}
