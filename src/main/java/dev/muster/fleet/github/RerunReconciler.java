package dev.muster.fleet.github;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobKeys;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.RerunIntent;
import dev.muster.fleet.job.RerunIntent.State;
import dev.muster.fleet.job.RerunIntents;
import dev.muster.fleet.job.RunRef;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.kernel.audit.Actor;
import dev.muster.kernel.audit.AuditLog;
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
import java.util.List;
import java.util.Optional;

/**
 * Reruns what runs lost with their machines, once for each attempt and when the run has ended:
 * until then GitHub refuses (403), and the first rerun opens the run again. One lost job is rerun
 * by itself, several by the run's failed jobs at once, which repeats genuine failures too. The
 * run's webhook makes the key due; when it stays away GitHub is asked from time to time.
 */
public final class RerunReconciler implements Reconciler<RunRef> {
  /** A run that was interrupted in this attempt is left to people. */
  static final int MOST_ATTEMPTS = 3;

  /** While the run goes on, or GitHub refuses. */
  static final Duration ASK_AGAIN = Duration.ofMinutes(5);

  /** While what the run's last jobs ended with is on its way. */
  static final Duration SETTLING = Duration.ofSeconds(15);

  /** GitHub does not refuse a run that has ended for longer than this, unless for good. */
  static final Duration PATIENCE = Duration.ofDays(1);

  private final Database database;
  private final Writer writer;
  private final WorkQueue queue;
  private final AuditLog audit;
  private final InstantSource clock;
  private final GitHubClient client;
  private final GitHubJobs jobs;

  public RerunReconciler(
      Database database,
      Writer writer,
      WorkQueue queue,
      AuditLog audit,
      InstantSource clock,
      GitHubClient client) {
    this.database = database;
    this.writer = writer;
    this.queue = queue;
    this.audit = audit;
    this.clock = clock;
    this.client = client;
    this.jobs = new GitHubJobs(client);
  }

  @Override
  public String kind() {
    return JobKeys.RERUN;
  }

  @Override
  public RunRef key(String name) {
    return JobKeys.runOf(name);
  }

  @Override
  public Outcome reconcile(RunRef run, Optional<TraceContext> trace) {
    Optional<RerunIntent> found = database.read(read -> RerunIntents.open(read, run));
    if (found.isEmpty()) {
      return new Outcome.Done();
    }
    RerunIntent intent = found.get();
    if (intent.attempt() >= MOST_ATTEMPTS) {
      return drop(
          intent,
          "attempt %d was interrupted too, and %d are the most; muster job retry ID runs a job again"
              .formatted(intent.attempt(), MOST_ATTEMPTS));
    }
    if (!client.configured()) {
      return new Outcome.Stalled(
          "run " + run + " cannot be rerun: the config names no App; add github.app");
    }
    Optional<GitHubJobs.RunStatus> status = jobs.run(run);
    if (status.isEmpty()) {
      return impatient(intent.createdAt())
          ? drop(intent, "GitHub no longer knows the run")
          : new Outcome.RequeueAfter(ASK_AGAIN);
    }
    if (status.get().attempt() > intent.attempt()) {
      return begun(intent, status.get().attempt());
    }
    return status.get().over() ? ended(intent) : new Outcome.RequeueAfter(ASK_AGAIN);
  }

  /** By a call of ours whose answer was lost, or by somebody else. */
  private Outcome begun(RerunIntent intent, int attempt) {
    return intent.state() == State.ASKED
        ? rerun(intent, intent.detail())
        : drop(intent, "somebody else began attempt %d before".formatted(attempt));
  }

  private Outcome ended(RerunIntent intent) {
    List<Job> all =
        database.read(read -> JobStore.ofRun(read, intent.run())).stream()
            .filter(job -> job.facts().runAttempt() == intent.attempt())
            .toList();
    List<Job> unsettled = all.stream().filter(job -> !job.state().ended()).toList();
    if (!unsettled.isEmpty()) {
      // One of them may be lost too, and could not be rerun after the others.
      writer.run(
          Priority.RECONCILE,
          tx ->
              unsettled.forEach(
                  job -> queue.due(tx, RunnerKeys.job(job.id()), clock.instant(), job.trace())));
      return new Outcome.RequeueAfter(SETTLING);
    }
    List<Job> lost = all.stream().filter(job -> job.state() == JobState.INTERRUPTED).toList();
    if (lost.isEmpty()) {
      return drop(intent, "none of its jobs is interrupted any more");
    }
    return ask(intent, lost);
  }

  private Outcome ask(RerunIntent intent, List<Job> lost) {
    String what =
        lost.size() == 1
            ? "job %s is rerun as a new job, on demand".formatted(lost.getFirst().id())
            : "its %d interrupted jobs are rerun with all that failed, on demand; that repeats genuine failures too"
                .formatted(lost.size());
    if (intent.state() == State.WAITING) {
      // Before GitHub is asked: its webhook of the new job may be quicker than its answer.
      decide(intent, State.ASKED, what, "rerun.asked");
    }
    RunRef run = intent.run();
    GitHubJobs.Rerun answer =
        lost.size() == 1
            ? jobs.rerun(run.repository(), lost.getFirst().id())
            : jobs.rerunFailed(run.repository(), run.id());
    return switch (answer) {
      case ACCEPTED -> rerun(intent, what);
      // An earlier call of ours may have opened the run; GitHub's reads lag behind.
      case REFUSED ->
          intent.state() == State.ASKED && impatient(intent.changedAt())
              ? drop(
                  intent,
                  "GitHub refuses to rerun it; check that the App may write actions, and run muster job retry ID")
              : new Outcome.RequeueAfter(ASK_AGAIN);
    };
  }

  private boolean impatient(Instant since) {
    return !since.plus(PATIENCE).isAfter(clock.instant());
  }

  private Outcome drop(RerunIntent intent, String reason) {
    decide(intent, State.DROPPED, "not rerun: " + reason, "rerun.dropped");
    return settled(intent);
  }

  private void decide(RerunIntent intent, State state, String what, String action) {
    Instant now = clock.instant();
    writer.run(
        Priority.RECONCILE,
        tx -> {
          RerunIntents.change(tx, intent, state, what, now);
          audit.add(tx, Actor.MUSTER, action, "run/" + intent.run(), what);
          interrupted(tx, intent)
              .forEach(job -> JobStore.note(tx, job.id(), new TimelineEntry(now, "rerun", what)));
        });
  }

  private static List<Job> interrupted(Tx tx, RerunIntent intent) {
    return JobStore.ofRun(tx, intent.run()).stream()
        .filter(job -> job.facts().runAttempt() == intent.attempt())
        .filter(job -> job.state() == JobState.INTERRUPTED)
        .toList();
  }

  private Outcome rerun(RerunIntent intent, String what) {
    Instant now = clock.instant();
    writer.run(Priority.RECONCILE, tx -> RerunIntents.change(tx, intent, State.RERUN, what, now));
    return settled(intent);
  }

  /** The attempt after it may have lost jobs before this one was seen to. */
  private Outcome settled(RerunIntent intent) {
    return database.read(read -> RerunIntents.open(read, intent.run())).isPresent()
        ? new Outcome.RequeueAfter(SETTLING)
        : new Outcome.Done();
  }
}
