package dev.muster.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

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

  /** Who takes a region's work over, and after how long a silence. */
  public record Failover(List<String> to, Duration after) {
    public Failover {
      to = List.copyOf(to);
    }
  }
}
