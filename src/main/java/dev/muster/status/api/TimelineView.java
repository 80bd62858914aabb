package dev.muster.status.api;

import dev.muster.fleet.job.TimelineEntry;
import java.time.Instant;

/** A line of the story of a job or a runner. */
public record TimelineView(Instant at, String event, String detail) {
  static TimelineView of(TimelineEntry entry) {
    return new TimelineView(entry.at(), entry.event(), entry.detail());
  }
}
