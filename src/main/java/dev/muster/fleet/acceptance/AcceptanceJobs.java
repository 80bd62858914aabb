package dev.muster.fleet.acceptance;

import dev.muster.fleet.acceptance.AcceptanceWorkflow.Dispatch;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobStore;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Writer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * The jobs of an acceptance: asks GitHub for them, and finds them by their labels. That GitHub is
 * asked is stored before it is; where its answer was lost it is asked again only after a while, as
 * the job may be on its way.
 */
final class AcceptanceJobs {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** GitHub's clock may be behind ours by this much. */
  private static final Duration SKEW = Duration.ofMinutes(5);

  private final Database database;
  private final Writer writer;
  private final InstantSource clock;
  private final AcceptanceWorkflow workflow;

  AcceptanceJobs(
      Database database, Writer writer, InstantSource clock, AcceptanceWorkflow workflow) {
    this.database = database;
    this.writer = writer;
    this.clock = clock;
    this.workflow = workflow;
  }

  /** What there is of a step's job. */
  sealed interface Asked {
    /**
     * It is known.
     *
     * @param first the one that was asked for
     * @param newest of the run's newest attempt; the same where nothing was rerun
     */
    record Known(Job first, Job newest) implements Asked {}

    /** It is on its way. */
    record Coming(String what) implements Asked {}

    /** GitHub will not run it. */
    record Refused(String reason) implements Asked {}
  }

  /** The jobs of all steps, the oldest first. */
  List<Job> all(Acceptance acceptance) {
    return find(acceptance, AcceptanceLabels.beginning(acceptance.id()));
  }

  private List<Job> find(Acceptance acceptance, String beginning) {
    Instant since = acceptance.createdAt().minus(SKEW);
    return database.read(
        read -> JobStore.labelled(read, acceptance.place().repository(), since, beginning));
  }

  /** Finds a step's job, or asks for it. */
  Asked ask(Acceptance acceptance, AcceptanceStep step, String label, Duration work) {
    List<Job> jobs = find(acceptance, AcceptanceLabels.beginning(acceptance.id(), step.kind()));
    if (!jobs.isEmpty()) {
      Job first = jobs.getFirst();
      // A second run is one that was asked for twice: it is left to the cleaning up.
      Job newest =
          jobs.stream()
              .filter(job -> job.facts().run().equals(first.facts().run()))
              .reduce(first, (a, b) -> b);
      return new Asked.Known(first, newest);
    }
    Instant now = clock.instant();
    boolean asking = step.askedAt().map(at -> !at.plus(PATIENCE).isAfter(now)).orElse(true);
    if (step.accepted() || !asking) {
      return new Asked.Coming("GitHub was asked for a job with the label " + label);
    }
    AcceptanceStep asked = step.asked(now);
    put(acceptance, asked);
    return switch (workflow.dispatch(acceptance.place(), label, work)) {
      case Dispatch.Accepted() -> {
        put(acceptance, asked.takenOn());
        yield new Asked.Coming("GitHub was asked for a job with the label " + label);
      }
      case Dispatch.Refused(String reason) -> new Asked.Refused(reason);
    };
  }

  private void put(Acceptance acceptance, AcceptanceStep step) {
    writer.run(Priority.RECONCILE, tx -> AcceptanceStore.put(tx, acceptance.id(), step));
  }

  /** How far a job is that must end well; empty when it has. */
  static Optional<Verdict> unlessDone(Job job) {
    String name = "job " + job.id();
    return switch (job.state()) {
      case WAITING, QUEUED, ASSIGNED, RUNNING ->
          Optional.of(
              new Verdict.Waits(
                  name + " is " + job.state().word() + job.reason().map(r -> ": " + r).orElse("")));
      case INTERRUPTED ->
          Optional.of(new Verdict.Waits(name + " lost its machine, and its rerun is awaited"));
      case REJECTED, LOST ->
          Optional.of(
              new Verdict.Failed(
                  "%s is %s: %s; see muster why job %s"
                      .formatted(
                          name, job.state().word(), job.reason().orElse("no reason"), job.id())));
      case COMPLETED ->
          job.conclusion().filter("success"::equals).isPresent()
              ? Optional.empty()
              : Optional.of(
                  new Verdict.Failed(
                      "%s ended as %s; see muster why job %s"
                          .formatted(name, job.conclusion().orElse("?"), job.id())));
    };
  }

  /** As in {@code started after 41 s, completed after 47 s}, counted from {@code since}. */
  static String times(Job job, Instant since) {
    return "started after %s, completed after %s"
        .formatted(after(job.times().started(), since), after(job.times().completed(), since));
  }

  private static String after(Optional<Instant> at, Instant since) {
    // GitHub's times are whole seconds of another clock.
    return at.map(t -> Math.max(0, Duration.between(since, t).toSeconds()) + " s").orElse("?");
  }
}
