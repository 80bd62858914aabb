package dev.muster.status.api;

import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.runner.Reservation;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerOrigin;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A runner.
 *
 * @param spec the name of its spec
 * @param instance the cloud's id of its machine
 * @param since when it entered its state
 * @param deadline when somebody looks why it has not left its state
 * @param job GitHub's id of the job it has or is reserved for
 * @param name its name at GitHub, null while it is not registered
 * @param githubId GitHub's number of it
 * @param log the last of what it wrote, at most 256 KiB; null in lists and where nothing came
 */
public record RunnerView(
    String id,
    String pool,
    String environment,
    String region,
    String provider,
    String spec,
    @Nullable String instance,
    String state,
    Instant since,
    @Nullable Instant deadline,
    @Nullable Long job,
    @Nullable String name,
    @Nullable Long githubId,
    @Nullable String reason,
    Instant createdAt,
    List<TimelineView> timeline,
    @Nullable String log) {
  public RunnerView {
    timeline = List.copyOf(timeline);
  }

  static RunnerView of(Runner runner) {
    return of(runner, List.of(), "");
  }

  static RunnerView of(Runner runner, List<TimelineEntry> timeline, String log) {
    RunnerOrigin origin = runner.origin();
    return new RunnerView(
        runner.id().value(),
        origin.pool(),
        origin.environment(),
        origin.region(),
        origin.provider(),
        origin.spec(),
        runner.instance().orElse(null),
        runner.state().word(),
        runner.since(),
        runner.deadline().orElse(null),
        runner.reservation().map(r -> r.job().value()).orElse(null),
        runner.reservation().map(Reservation::name).orElse(null),
        runner.reservation().flatMap(Reservation::githubNumber).orElse(null),
        runner.reason().orElse(null),
        origin.createdAt(),
        timeline.stream().map(TimelineView::of).toList(),
        log.isEmpty() ? null : log);
  }
}
