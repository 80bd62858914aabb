package dev.muster.fleet.github;

import dev.muster.config.ConfigReconciler;
import dev.muster.fleet.job.EndedJobs;
import dev.muster.fleet.job.Homes;
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
import dev.muster.fleet.job.RerunIntents;
import dev.muster.fleet.job.RunOrigin;
import dev.muster.fleet.job.RunRef;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.runner.DeadlinePolicy;
import dev.muster.fleet.runner.InterruptedJobs;
import dev.muster.fleet.runner.Reservation;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerEvent;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.tracing.TraceContext;
import dev.muster.webhook.Delivery;
import dev.muster.webhook.DeliveryHandler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** What GitHub's webhooks do to jobs and runners. */
public final class GitHubWebhooks implements DeliveryHandler {
  /** The name of the source. */
  public static final String SOURCE = "github";

  /** A job that still waits after this is looked up: its next webhook may be lost. */
  static final Duration DOUBT = Duration.ofMinutes(5);

  private final GitHubEventParser parser = new GitHubEventParser();
  private final WorkQueue queue;
  private final InstantSource clock;
  private final JobPlacement placement;
  private final DeadlinePolicy deadlines;
  private final InterruptedJobs interrupted;
  private final Homes homes;
  private final EndedJobs ended;

  public GitHubWebhooks(
      WorkQueue queue,
      InstantSource clock,
      JobPlacement placement,
      DeadlinePolicy deadlines,
      InterruptedJobs interrupted,
      Homes homes,
      EndedJobs ended) {
    this.queue = queue;
    this.clock = clock;
    this.placement = placement;
    this.deadlines = deadlines;
    this.interrupted = interrupted;
    this.homes = homes;
    this.ended = ended;
  }

  @Override
  public String source() {
    return SOURCE;
  }

  @Override
  public Effect read(Delivery delivery) {
    return switch (parser.parse(delivery.event(), delivery.payload())) {
      case GitHubEvent.JobChanged changed -> job(changed, delivery.trace());
      case GitHubEvent.RunBegun(RunOrigin origin) -> run(origin);
      case GitHubEvent.RunCompleted run -> over(run, delivery.trace());
      case GitHubEvent.Pushed push ->
          new Effect.Change(
              "push to %s of %s".formatted(push.branch(), push.repository()),
              tx -> {
                due(tx, ConfigReconciler.KEY, delivery.trace());
                return delivery.trace();
              });
      case GitHubEvent.Ping ping -> new Effect.Ignored("GitHub tried the webhook out");
      case GitHubEvent.InstallationChanged installation ->
          new Effect.Ignored(
              "the App was %s at %s".formatted(installation.action(), installation.owner()));
      case GitHubEvent.Ignored(String reason) -> new Effect.Ignored(reason);
      case GitHubEvent.Unread(String reason) -> new Effect.Unread(reason);
    };
  }

  /** It says what else would be asked for, usually before the run's first job is heard of. */
  private Effect run(RunOrigin origin) {
    if (!placement.mindsForks(origin.run().repository())) {
      return new Effect.Ignored("run %s began".formatted(origin.run()));
    }
    return new Effect.Change(
        "run %s began, of %s".formatted(origin.run(), origin.words()),
        tx -> {
          placement.learnt(tx, origin, clock.instant());
          return Optional.empty();
        });
  }

  /** Whatever of it was lost with its machine may be rerun now. */
  private Effect over(GitHubEvent.RunCompleted completed, Optional<TraceContext> trace) {
    RunRef run = new RunRef(completed.repository(), completed.runId());
    return new Effect.Change(
        "run %s is over".formatted(run),
        tx -> {
          if (RerunIntents.open(tx, run).isPresent()) {
            due(tx, JobKeys.rerun(run), trace);
          }
          return trace;
        });
  }

  private Effect job(GitHubEvent.JobChanged changed, Optional<TraceContext> trace) {
    if (!placement.concerns(changed.facts())) {
      return new Effect.Ignored("not ours: no label of job " + changed.facts().id() + " names us");
    }
    return new Effect.Change(
        "job %s %s".formatted(changed.facts().id(), changed.action().word()),
        tx -> apply(tx, changed, trace));
  }

  /**
   * What GitHub said of a job, here or in another region; being told twice does no harm.
   *
   * @return the job's trace, which is that of the first delivery about it
   */
  public Optional<TraceContext> apply(
      Tx tx, GitHubEvent.JobChanged changed, Optional<TraceContext> trace) {
    JobFacts facts = changed.facts();
    Instant now = clock.instant();
    Ownership ownership = homes.of(tx, facts);
    boolean shared = !ownership.equals(Ownership.OURS) && JobStore.find(tx, facts.id()).isEmpty();
    Optional<TraceContext> jobs =
        switch (changed.action()) {
          case WAITING -> JobStore.apply(tx, facts, new JobEvent.Waiting(), now, trace).trace();
          case QUEUED -> queued(tx, changed, ownership, now, trace);
          case IN_PROGRESS -> started(tx, changed, now, trace);
          case COMPLETED -> completed(tx, changed, now, trace);
        };
    if (shared) {
      placement
          .pool(tx, facts)
          .ifPresent(pool -> OwnershipStore.own(tx, facts.id(), ownership, pool.environment()));
      ownership
          .elsewhere()
          .ifPresent(region ->
              JobStore.note(
                  tx,
                  facts.id(),
                  new TimelineEntry(now, "handed over", "region %s serves it".formatted(region))));
    }
    return jobs;
  }

  private Optional<TraceContext> queued(
      Tx tx,
      GitHubEvent.JobChanged changed,
      Ownership ownership,
      Instant now,
      Optional<TraceContext> trace) {
    Job job = JobStore.apply(tx, changed.facts(), new JobEvent.Queued(changed.at()), now, trace);
    if (ownership.elsewhere().isEmpty()) {
      placement.place(tx, job, now);
      // Of a lost job this may be old news that came late: GitHub is asked, and that counts.
      Instant doubt = job.state() == JobState.LOST ? now : now.plus(DOUBT);
      queue.due(tx, RunnerKeys.job(job.id()), doubt, job.trace());
    }
    return job.trace();
  }

  /** GitHub, asked about a job that was lost, says that it waits for a runner. */
  void found(Tx tx, JobId id) {
    Instant now = clock.instant();
    JobStore.apply(tx, id, new JobEvent.Found(), now)
        .filter(job -> homes.of(tx, job.facts()).elsewhere().isEmpty())
        .ifPresent(job -> placement.place(tx, job, now));
  }

  private Optional<TraceContext> started(
      Tx tx, GitHubEvent.JobChanged changed, Instant now, Optional<TraceContext> trace) {
    String name = changed.runnerName().orElse("");
    Optional<Runner> runner = RunnerStore.named(tx, name);
    Optional<Job> before = JobStore.find(tx, changed.facts().id());
    Job started =
        JobStore.apply(
            tx,
            changed.facts(),
            new JobEvent.Started(changed.at(), runner.map(r -> r.id().value()), name),
            now,
            trace);
    runner.ifPresent(r -> {
      before.filter(GitHubWebhooks::refused).ifPresent(job -> warn(tx, r, name, job, now));
      took(tx, r, started, now);
    });
    // The runner that was meant for this job is loose now, if it is another.
    before
        .flatMap(Job::placement)
        .ifPresent(p -> due(tx, RunnerKeys.pool(p.pool()), started.trace()));
    return started.trace();
  }

  /** Whether no runner was meant to get it, or not yet. */
  private static boolean refused(Job job) {
    return job.state() == JobState.REJECTED
        || (job.state() == JobState.QUEUED && job.placement().isEmpty());
  }

  /** GitHub gives jobs to runners by labels alone, and this one has another job's. */
  private static void warn(Tx tx, Runner runner, String name, Job job, Instant now) {
    Notices.raise(
        tx,
        new Notices.Notice(
            "refused-job-" + job.id(),
            Notices.Severity.ERROR,
            now,
            "GitHub gave runner %s job %s of %s, which has the labels of another job and was refused: %s; look at it, end it with muster runner terminate %s, and put the run's id into the label"
                .formatted(
                    name,
                    job.id(),
                    job.facts().repository(),
                    job.reason().orElse("no reason was recorded"),
                    runner.id())));
  }

  /** A runner of ours works on a job, which need not be the one that it was meant for. */
  private void took(Tx tx, Runner runner, Job started, Instant now) {
    JobId job = started.id();
    runner
        .reservation()
        .map(Reservation::job)
        .filter(meant -> !meant.equals(job))
        .flatMap(meant -> JobStore.find(tx, meant))
        .filter(meant -> meant.state() == JobState.ASSIGNED)
        .filter(meant -> meant.runner().equals(Optional.of(runner.id().value())))
        .ifPresent(meant -> {
          String reason = "GitHub gave its runner job " + job + " instead";
          placement.giveBack(tx, meant.id(), reason, now);
        });
    RunnerStore.apply(tx, runner, new RunnerEvent.Started(job), now, deadlines.of(runner));
    due(tx, RunnerKeys.runner(runner.id()), started.trace());
    due(tx, RunnerKeys.pool(runner.origin().pool()), started.trace());
  }

  private Optional<TraceContext> completed(
      Tx tx, GitHubEvent.JobChanged changed, Instant now, Optional<TraceContext> trace) {
    String conclusion = changed.conclusion().orElse("unknown");
    boolean news = ended.heard() && !over(tx, changed.facts().id());
    Job job =
        JobStore.apply(
            tx,
            changed.facts(),
            new JobEvent.Completed(changed.at(), conclusion, changed.runnerName()),
            now,
            trace);
    changed
        .runnerName()
        .flatMap(name -> RunnerStore.named(tx, name))
        .ifPresent(runner -> endedOn(tx, runner, job, now));
    interrupted.settle(tx, job, changed.runnerName());
    job.placement().ifPresent(p -> due(tx, RunnerKeys.pool(p.pool()), job.trace()));
    if (news) {
      ended.ended(tx, job);
    }
    return job.trace();
  }

  private static boolean over(Tx tx, JobId id) {
    return JobStore.find(tx, id).map(job -> job.state().ended()).orElse(false);
  }

  private void endedOn(Tx tx, Runner runner, Job job, Instant now) {
    // Its in_progress may have been lost, so that it counts as at work only from here.
    Runner busy =
        RunnerStore.apply(tx, runner, new RunnerEvent.Started(job.id()), now, deadlines.of(runner));
    RunnerStore.apply(tx, busy, new RunnerEvent.JobEnded(), now, deadlines.of(busy));
    due(tx, RunnerKeys.runner(runner.id()), job.trace());
  }

  private void due(Tx tx, WorkKey key, Optional<TraceContext> trace) {
    queue.due(tx, key, clock.instant(), trace);
  }
}
