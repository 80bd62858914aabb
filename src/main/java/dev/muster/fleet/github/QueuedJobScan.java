package dev.muster.fleet.github;

import dev.muster.fleet.job.Homes;
import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.job.JobPlacement;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.SoleReconciler;
import dev.muster.kernel.reconcile.Stalls;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.Span;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Looks for queued jobs that no webhook told of, or that GitHub did not know for a while, in the
 * repositories that were active lately. The last of three nets, after the webhooks and {@link
 * DeliveryCatchUp}.
 */
public final class QueuedJobScan implements SoleReconciler {
  public static final WorkKey KEY = new WorkKey("scan", "queued-jobs");

  private static final Duration INTERVAL = Duration.ofMinutes(15);
  private static final Duration LATELY = Duration.ofDays(3);
  private static final int MOST_REPOSITORIES = 30;

  private final Database database;
  private final Writer writer;
  private final InstantSource clock;
  private final Telemetry telemetry;
  private final GitHubClient client;
  private final GitHubJobs jobs;
  private final JobPlacement placement;
  private final GitHubWebhooks webhooks;
  private final Homes homes;

  public QueuedJobScan(
      Database database,
      Writer writer,
      InstantSource clock,
      GitHubClient client,
      JobPlacement placement,
      GitHubWebhooks webhooks,
      Homes homes,
      Telemetry telemetry) {
    this.database = database;
    this.writer = writer;
    this.clock = clock;
    this.client = client;
    this.jobs = new GitHubJobs(client);
    this.placement = placement;
    this.webhooks = webhooks;
    this.homes = homes;
    this.telemetry = telemetry;
  }

  @Override
  public WorkKey only() {
    return KEY;
  }

  @Override
  public Outcome reconcile(String key, Optional<TraceContext> trace) {
    if (!client.configured()) {
      return new Outcome.Done(); // due again when a config names an App
    }
    if (!homes.leads()) {
      return new Outcome.RequeueAfter(INTERVAL); // another region does it for all
    }
    Instant since = clock.instant().minus(LATELY);
    List<String> repositories =
        database.read(read -> JobStore.repositories(read, since, MOST_REPOSITORIES));
    Stalls.each(
        repositories,
        repository ->
            jobs.queued(repository).stream()
                .filter(placement::concerns)
                .filter(this::unheardOf)
                .forEach(facts -> found(facts, trace)));
    return new Outcome.RequeueAfter(INTERVAL);
  }

  /** A lost one too: what GitHub lists, it has not forgotten. */
  private boolean unheardOf(JobFacts facts) {
    return database
        .read(read -> JobStore.find(read, facts.id()))
        .map(job -> job.state() == JobState.LOST)
        .orElse(true);
  }

  private void found(JobFacts facts, Optional<TraceContext> trace) {
    GitHubEvent.JobChanged queued =
        new GitHubEvent.JobChanged(
            GitHubEvent.JobAction.QUEUED,
            facts,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    try (Span span = telemetry.span("find job").under(Optional.empty()).link(trace).start()) {
      writer.run(Priority.RECONCILE, tx -> webhooks.apply(tx, queued, span.context()));
    }
  }
}
