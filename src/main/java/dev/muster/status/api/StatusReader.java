package dev.muster.status.api;

import dev.muster.config.ConfigRepository;
import dev.muster.config.RevisionStore;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.pool.Pauses;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Read;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Reads the appliance at a glance, from one consistent state. */
public final class StatusReader {
  /** Who this appliance is. */
  public record Identity(String version, String region) {}

  private final Database database;
  private final Identity identity;
  private final ConfigRepository repository;
  private final PoolReader pools;
  private final AttentionReader attention;
  private final BooleanSupplier sandbox;
  private final InstantSource clock;

  public StatusReader(
      Database database,
      Identity identity,
      ConfigRepository repository,
      PoolReader pools,
      AttentionReader attention,
      BooleanSupplier sandbox,
      InstantSource clock) {
    this.database = database;
    this.identity = identity;
    this.repository = repository;
    this.pools = pools;
    this.attention = attention;
    this.sandbox = sandbox;
    this.clock = clock;
  }

  public StatusView read() {
    return database.read(this::read);
  }

  private StatusView read(Read read) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    return new StatusView(
        identity.version(),
        identity.region(),
        now,
        sandbox.getAsBoolean(),
        attention.all(read, now),
        Pauses.all(read).stream().map(StatusReader::pause).toList(),
        config(read),
        queue(read, now),
        pools.list(read),
        jobs(read, now));
  }

  private static StatusView.PauseView pause(Pauses.Pause pause) {
    String name = pause.scope() == Pauses.Scope.ALL ? null : pause.name();
    return new StatusView.PauseView(pause.scope().word(), name, pause.at(), pause.actor());
  }

  private StatusView.ConfigPart config(Read read) {
    Optional<RevisionStore.Decided> inForce = RevisionStore.inForce(read);
    return new StatusView.ConfigPart(
        inForce.map(d -> d.revision().id()).orElse(null),
        repository.source(),
        inForce.map(d -> d.revision().author()).orElse(null),
        inForce.map(d -> d.revision().message()).orElse(null),
        inForce.map(RevisionStore.Decided::at).orElse(null),
        RevisionStore.rejectedHead(read).map(RejectedView::of).orElse(null));
  }

  private static StatusView.QueuePart queue(Read read, Instant now) {
    WorkQueue.Backlog backlog = WorkQueue.backlog(read, now);
    long oldest = backlog.oldestDue().map(due -> Duration.between(due, now).toSeconds()).orElse(0L);
    return new StatusView.QueuePart(backlog.depth(), Math.max(0, oldest), backlog.stalled());
  }

  private static StatusView.JobsPart jobs(Read read, Instant now) {
    Map<JobState, Long> counts = JobStore.counts(read);
    Map<String, Long> ended = JobStore.conclusions(read, now.minus(Duration.ofHours(24)));
    return new StatusView.JobsPart(
        counts.getOrDefault(JobState.QUEUED, 0L),
        counts.getOrDefault(JobState.ASSIGNED, 0L),
        counts.getOrDefault(JobState.RUNNING, 0L),
        ended.values().stream().mapToLong(Long::longValue).sum(),
        List.of("failure", "timed_out").stream()
            .mapToLong(word -> ended.getOrDefault(word, 0L))
            .sum());
  }
}
