package dev.muster.status.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The appliance at a glance.
 *
 * @param sandbox whether GitHub is a stand-in on this machine
 * @param attention what needs a person, the gravest first
 */
public record StatusView(
    String version,
    String region,
    Instant at,
    boolean sandbox,
    List<Attention> attention,
    List<PauseView> pauses,
    ConfigPart config,
    QueuePart queue,
    List<PoolSummary> pools,
    JobsPart jobs) {
  public StatusView {
    attention = List.copyOf(attention);
    pauses = List.copyOf(pauses);
    pools = List.copyOf(pools);
  }

  /**
   * A matter for a person.
   *
   * @param severity {@code error} or {@code warning}
   * @param link a page of ours that says more, null where there is none
   */
  public record Attention(
      String severity, Instant at, String message, List<String> lines, @Nullable String link) {
    public Attention {
      lines = List.copyOf(lines);
    }

    public boolean error() {
      return severity.equals("error");
    }
  }

  /**
   * A stop of new launches.
   *
   * @param scope {@code all}, {@code environment} or {@code pool}
   * @param name of the environment or pool, null for all
   */
  public record PauseView(String scope, @Nullable String name, Instant at, String actor) {}

  /** The config in force; its fields are null where there is none. */
  public record ConfigPart(
      @Nullable String revision,
      String source,
      @Nullable String author,
      @Nullable String message,
      @Nullable Instant acceptedAt,
      @Nullable RejectedView rejected) {}

  /**
   * How far the queue is behind.
   *
   * @param depth keys that are due
   * @param oldestSeconds how long the longest due of them is; 0 where none is
   * @param stalled keys that wait for changed input
   */
  public record QueuePart(long depth, long oldestSeconds, long stalled) {}

  /** Counts of jobs; the last two of the last 24 hours. */
  public record JobsPart(
      long queued,
      long assigned,
      long running,
      @JsonProperty("completed_24h") long completedToday,
      @JsonProperty("failed_24h") long failedToday) {}
}
