package dev.muster.status.page;

import dev.muster.status.api.JobView;
import dev.muster.status.api.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A job as lists show it. */
record JobRow(JobView job) {
  /** The conclusion where there is one, else the state. */
  String outcome() {
    return Optional.ofNullable(job.conclusion())
        .filter(c -> job.state().equals("completed"))
        .orElse(job.state())
        .replace('_', ' ');
  }

  String tone() {
    return switch (outcome()) {
      case "success" -> "good";
      case "failure", "timed out", "rejected", "lost", "interrupted" -> "bad";
      case "running" -> "live";
      case "queued", "assigned", "waiting" -> "wait";
      default -> "calm";
    };
  }

  String waited() {
    Long seconds = job.waitedSeconds();
    return seconds == null ? "–" : Words.duration(Duration.ofSeconds(seconds));
  }

  /** From when its waiting time still runs; null when it does not wait. */
  @Nullable Instant waitingSince() {
    return job.waiting() ? job.queuedAt() : null;
  }

  /** How long it ran, or a dash. */
  String ran() {
    Instant from = job.startedAt();
    Instant to = job.completedAt();
    return from == null || to == null ? "–" : Words.duration(Duration.between(from, to));
  }

  @Nullable Instant runningSince() {
    return job.state().equals("running") ? job.startedAt() : null;
  }

  Instant newest() {
    return Optional.ofNullable(job.completedAt())
        .or(() -> Optional.ofNullable(job.startedAt()))
        .or(() -> Optional.ofNullable(job.queuedAt()))
        .orElse(job.createdAt());
  }
}
