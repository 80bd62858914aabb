package dev.muster.status.page;

import dev.muster.status.api.JobDetail;
import dev.muster.status.api.TimelineView;
import dev.muster.status.api.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One job: why it is where it is, its story, its facts. */
record JobPage(
    JobRow row,
    @Nullable String cost,
    List<String> explanation,
    Waterfall waterfall,
    @Nullable String traceId,
    @Nullable String traceUrl,
    List<Line> timeline) {
  JobPage {
    explanation = List.copyOf(explanation);
    timeline = List.copyOf(timeline);
  }

  /**
   * A line of a story.
   *
   * @param after how long after the line before it; null for the first
   */
  record Line(Instant at, @Nullable String after, String event, String detail) {}

  static JobPage of(JobDetail detail) {
    return new JobPage(
        new JobRow(detail.job()),
        detail.costUsd() == null ? null : "$" + detail.costUsd().toPlainString(),
        detail.explanation(),
        Waterfall.of(detail.phases()),
        detail.traceId(),
        detail.traceUrl(),
        lines(detail.job().timeline()));
  }

  static List<Line> lines(List<TimelineView> timeline) {
    List<Line> lines = new ArrayList<>();
    Instant last = null;
    for (TimelineView entry : timeline) {
      lines.add(
          new Line(
              entry.at(),
              last == null ? null : gap(last, entry.at()),
              entry.event(),
              entry.detail()));
      last = entry.at();
    }
    return lines;
  }

  private static String gap(Instant from, Instant to) {
    return "+" + length(Duration.between(from, to));
  }

  /** With tenths while seconds matter. */
  static String length(Duration time) {
    if (time.compareTo(Duration.ofSeconds(10)) >= 0) {
      return Words.duration(time);
    }
    long millis = Math.max(0, time.toMillis());
    return millis < 1_000
        ? millis + " ms"
        : "%d.%d s".formatted(millis / 1_000, millis % 1_000 / 100);
  }

  String poolHref() {
    String pool = row.job().pool();
    return pool == null ? "" : PoolRow.href(pool);
  }
}
