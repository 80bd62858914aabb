package dev.muster.fleet.region;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.Ownership;
import dev.muster.fleet.job.Placement;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A job as regions tell each other of it: what GitHub said, and whose it is. Which runner is
 * reserved for one that waits is nobody else's business, and is not told: it changes often.
 *
 * @param home the region that serves it
 * @param state a word of {@link JobState}, where one with a runner reserved counts as waiting
 */
record JobBody(
    long id,
    long runId,
    int runAttempt,
    String repository,
    String name,
    Optional<String> workflow,
    List<String> labels,
    Optional<String> headSha,
    Optional<String> headBranch,
    OptionalLong installation,
    boolean privateRepository,
    Instant createdAt,
    String home,
    int epoch,
    String state,
    Optional<String> conclusion,
    Optional<String> reason,
    Optional<String> pool,
    Optional<String> region,
    Optional<String> runner,
    Optional<String> runnerName,
    Optional<Instant> queuedAt,
    Optional<Instant> startedAt,
    Optional<Instant> completedAt,
    Optional<String> traceparent) {
  JobBody {
    Objects.requireNonNull(repository, "repository");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(createdAt, "created_at");
    Objects.requireNonNull(home, "home");
    Objects.requireNonNull(state, "state");
    labels = List.copyOf(labels);
  }

  static JobBody of(Job job, Ownership ownership, String own) {
    JobFacts facts = job.facts();
    boolean waits = job.state() == JobState.QUEUED || job.state() == JobState.ASSIGNED;
    return new JobBody(
        facts.id().value(),
        facts.runId(),
        facts.runAttempt(),
        facts.repository(),
        facts.name(),
        facts.workflow(),
        facts.labels(),
        facts.headSha(),
        facts.headBranch(),
        facts.installation(),
        facts.privateRepository(),
        facts.createdAt(),
        ownership.elsewhere().orElse(own),
        ownership.epoch(),
        waits ? JobState.QUEUED.word() : job.state().word(),
        job.conclusion(),
        waits ? Optional.empty() : job.reason(),
        job.placement().map(Placement::pool),
        job.placement().map(Placement::region),
        waits ? Optional.empty() : job.runner(),
        waits ? Optional.empty() : job.runnerName(),
        job.times().queued(),
        job.times().started(),
        job.times().completed(),
        job.trace().map(TraceContext::traceparent));
  }

  /**
   * Reads what another appliance wrote.
   *
   * @throws IllegalArgumentException when it is something else
   */
  static JobBody parse(String body) {
    JobBody parsed = Bodies.read(body, JobBody.class);
    parsed.jobState();
    parsed.facts();
    return parsed;
  }

  JobState jobState() {
    return JobState.ofWord(state);
  }

  JobFacts facts() {
    return new JobFacts(
        new JobId(id),
        runId,
        runAttempt,
        repository,
        name,
        workflow,
        labels,
        headSha,
        headBranch,
        installation,
        privateRepository,
        createdAt);
  }

  Optional<TraceContext> trace() {
    return traceparent.flatMap(TraceContext::parse);
  }

  /** As it was, for the region whose it is. */
  Job job(String environment) {
    return new Job(
        facts(),
        jobState(),
        pool.map(p -> new Placement(p, environment, region.orElse(""))),
        runner,
        runnerName,
        conclusion,
        reason,
        0,
        new Job.Times(queuedAt, Optional.empty(), startedAt, completedAt),
        trace(),
        0);
  }

  Ownership ownership(String own) {
    return new Ownership(home.equals(own) ? Optional.empty() : Optional.of(home), epoch);
  }
}
