package dev.muster.fleet.cost;

import dev.muster.fleet.job.TimelineEntry;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The times at which a machine ran and was paid for, from its timeline. Pure. */
final class Usage {
  /**
   * A stretch of time of one day.
   *
   * @param job whether it was a job's; else the machine booted or waited
   */
  record Span(Instant from, Instant to, boolean job) {
    long seconds() {
      return to.getEpochSecond() - from.getEpochSecond();
    }

    LocalDate day() {
      return LocalDate.ofInstant(from, ZoneOffset.UTC);
    }
  }

  private final Instant from;
  private final Instant to;
  private final List<Span> spans = new ArrayList<>();
  private @Nullable Instant running;
  private boolean job;

  private Usage(Instant from, Instant to) {
    this.from = from;
    this.to = to;
  }

  /** What there was between {@code from} and {@code to}, cut at midnights in UTC. */
  static List<Span> of(List<TimelineEntry> timeline, Instant from, Instant to) {
    Usage usage = new Usage(from, to);
    timeline.forEach(usage::read);
    usage.end(to);
    return usage.spans;
  }

  /** Whether the machine runs at the end of its timeline. */
  static boolean running(List<TimelineEntry> timeline) {
    Usage usage = new Usage(Instant.EPOCH, Instant.EPOCH);
    timeline.forEach(usage::read);
    return usage.running != null;
  }

  private void read(TimelineEntry entry) {
    switch (entry.event()) {
      case "booting", "starting" -> begin(entry.at());
      case "assigned" -> {
        end(entry.at());
        job = true;
        begin(entry.at());
      }
      case "stopping", "stopped", "terminating", "terminated" -> end(entry.at());
      default -> {
        // Whatever else happens to a machine, it runs on.
      }
    }
  }

  private void begin(Instant at) {
    if (running == null) {
      running = at;
    }
  }

  private void end(Instant at) {
    if (running != null) {
      add(running.isBefore(from) ? from : running, at.isAfter(to) ? to : at);
    }
    running = null;
  }

  private void add(Instant start, Instant end) {
    Instant next = start;
    while (next.isBefore(end)) {
      Instant midnight =
          LocalDate.ofInstant(next, ZoneOffset.UTC)
              .plusDays(1)
              .atStartOfDay(ZoneOffset.UTC)
              .toInstant();
      Instant until = midnight.isBefore(end) ? midnight : end;
      spans.add(new Span(next, until, job));
      next = until;
    }
  }
}
