package dev.muster.status.api;

import dev.muster.fleet.runner.JobPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a job's life.
 *
 * @param phase as {@code waiting for a runner}
 * @param kind the same for programs, as {@code waiting}
 * @param to null while it lasts
 * @param seconds how long it lasted, up to now while it lasts
 */
public record PhaseView(
    String phase, String kind, Instant from, @Nullable Instant to, double seconds, String detail) {
  static PhaseView of(JobPhase phase, Instant now) {
    Duration lasted = Duration.between(phase.from(), phase.to().orElse(now));
    return new PhaseView(
        phase.kind().word(),
        phase.kind().name().toLowerCase(Locale.ROOT),
        phase.from(),
        phase.to().orElse(null),
        Math.max(0, lasted.toMillis()) / 1_000.0,
        phase.detail());
  }
}
