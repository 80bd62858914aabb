package dev.muster.status.api;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.job.Placement;
import dev.muster.fleet.job.TimelineEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job.
 *
 * @param id GitHub's
 * @param runner our id of the runner reserved for it or running it
 * @param runnerName that runner's name at GitHub
 * @param attempts how many runners were assigned to it
 * @param waitedSeconds how long it waited for a runner, up to now while it still waits
 */
public record JobView(
    long id,
    long runId,
    int runAttempt,
    String repository,
    String name,
    @Nullable String workflow,
    @Nullable String headBranch,
    @Nullable String headSha,
    List<String> labels,
    String state,
    @Nullable String conclusion,
    @Nullable String reason,
    @Nullable String pool,
    @Nullable String environment,
    @Nullable String region,
    @Nullable String runner,
    @Nullable String runnerName,
    int attempts,
    @Nullable Long waitedSeconds,
    Instant createdAt,
    @Nullable Instant queuedAt,
    @Nullable Instant assignedAt,
    @Nullable Instant startedAt,
    @Nullable Instant completedAt,
    List<TimelineView> timeline) {
  public JobView {
    labels = List.copyOf(labels);
    timeline = List.copyOf(timeline);
  }

  static JobView of(Job job, List<TimelineEntry> timeline, Instant now) {
    JobFacts facts = job.facts();
    return new JobView(
        facts.id().value(),
        facts.runId(),
        facts.runAttempt(),
        facts.repository(),
        facts.name(),
        facts.workflow().orElse(null),
        facts.headBranch().orElse(null),
        facts.headSha().orElse(null),
        facts.labels(),
        job.state().word(),
        job.conclusion().orElse(null),
        job.reason().orElse(null),
        job.placement().map(Placement::pool).orElse(null),
        job.placement().map(Placement::environment).orElse(null),
        job.placement().map(Placement::region).orElse(null),
        job.runner().orElse(null),
        job.runnerName().orElse(null),
        job.attempts(),
        waited(job, now),
        facts.createdAt(),
        job.times().queued().orElse(null),
        job.times().assigned().orElse(null),
        job.times().started().orElse(null),
        job.times().completed().orElse(null),
        timeline.stream().map(TimelineView::of).toList());
  }

  /** A job that ended without a runner does not wait any longer. */
  private static @Nullable Long waited(Job job, Instant now) {
    boolean lost = job.state().ended() && job.times().completed().isEmpty();
    return lost && job.times().started().isEmpty()
        ? null
        : job.waited(now).map(Duration::toSeconds).orElse(null);
  }

  /** Whether it waits for a runner now. */
  public boolean waiting() {
    return state.equals("queued") || state.equals("assigned");
  }
}
