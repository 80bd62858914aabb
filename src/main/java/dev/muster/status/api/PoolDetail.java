package dev.muster.status.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pool with its decisions and its day.
 *
 * @param runnerSpec the name of the spec of its runners
 * @param timeZone of its schedules
 * @param decisions newest first
 * @param day what its schedule wants in the next 24 hours, without gaps
 * @param explanation sentences, the most telling first
 */
public record PoolDetail(
    @JsonUnwrapped PoolSummary pool,
    @Nullable String runnerSpec,
    @Nullable String timeZone,
    List<DecisionView> decisions,
    @JsonProperty("timeline_24h") List<SegmentView> day,
    List<String> explanation) {
  public PoolDetail {
    decisions = List.copyOf(decisions);
    day = List.copyOf(day);
    explanation = List.copyOf(explanation);
  }

  /** A decision; its lines say each step and what each waiting job waits for. */
  public record DecisionView(long sequence, Instant at, String summary, List<String> lines) {
    public DecisionView {
      lines = List.copyOf(lines);
    }
  }

  /** A stretch of time with the same numbers, half-open. */
  public record SegmentView(
      Instant from,
      Instant to,
      @Nullable String schedule,
      int desiredRunning,
      int desiredStopped) {}
}
