package dev.muster.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What belongs to no capability: how long things are kept, which region takes over. */
public record CoreSpec(Retention retention, Map<String, Failover> failover) {
  public CoreSpec {
    failover = Map.copyOf(failover);
  }

  /** How long records are kept. */
  public record Retention(Duration deliveries, Duration jobs, Duration audit) {
    public static final Retention STANDARD =
        new Retention(Duration.ofDays(7), Duration.ofDays(90), Duration.ofDays(400));
  }

  /**
   * Who takes a region's work over.
   *
   * @param after how long it must be silent; empty for never
   */
  public record Failover(List<String> to, Optional<Duration> after) {
    public Failover {
      to = List.copyOf(to);
    }
  }
}
