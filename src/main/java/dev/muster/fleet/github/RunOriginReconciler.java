package dev.muster.fleet.github;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobKeys;
import dev.muster.fleet.job.JobPlacement;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.RunOrigin;
import dev.muster.fleet.job.RunOrigins;
import dev.muster.fleet.job.RunRef;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.Reconciler;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Asks GitHub where a run's code comes from, for jobs that must not start before that is known. The
 * run's own webhook usually says so first; then nothing is asked. While GitHub cannot be asked the
 * jobs wait.
 */
public final class RunOriginReconciler implements Reconciler<RunRef> {
  /** A permission is given at GitHub, and nobody tells us. */
  static final Duration ASK_AGAIN = Duration.ofMinutes(5);

  private final Database database;
  private final Writer writer;
  private final InstantSource clock;
  private final GitHubClient client;
  private final GitHubJobs jobs;
  private final JobPlacement placement;

  public RunOriginReconciler(
      Database database,
      Writer writer,
      InstantSource clock,
      GitHubClient client,
      JobPlacement placement) {
    this.database = database;
    this.writer = writer;
    this.clock = clock;
    this.client = client;
    this.jobs = new GitHubJobs(client);
    this.placement = placement;
  }

  @Override
  public String kind() {
    return JobKeys.RUN;
  }

  @Override
  public RunRef key(String name) {
    return JobKeys.runOf(name);
  }

  @Override
  public Outcome reconcile(RunRef run, Optional<TraceContext> trace) {
    boolean waitedFor =
        database.read(read -> JobStore.ofRun(read, run)).stream()
            .anyMatch(RunOriginReconciler::held);
    if (!waitedFor) {
      return new Outcome.Done();
    }
    Optional<RunOrigin> known = database.read(read -> RunOrigins.find(read, run));
    if (known.isEmpty() && !client.configured()) {
      return new Outcome.Stalled(
          "GitHub cannot be asked where the code of run "
              + run
              + " comes from: the config names no App; add github.app");
    }
    RunOrigin origin = known.isPresent() ? known.get() : ask(run);
    writer.run(Priority.RECONCILE, tx -> placement.learnt(tx, origin, clock.instant()));
    return new Outcome.Done();
  }

  private static boolean held(Job job) {
    return job.state() == JobState.QUEUED && job.placement().isEmpty();
  }

  private RunOrigin ask(RunRef run) {
    try {
      return jobs.origin(run)
          .orElseThrow(() ->
              new TransientException(
                  "GitHub: read a run (%s): it shows none yet; it is asked again".formatted(run),
                  null));
    } catch (StalledException e) {
      throw new TransientException(e.getMessage() + "; it is asked again", e, ASK_AGAIN);
    }
  }
}
