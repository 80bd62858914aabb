package dev.muster.status.page;

import dev.muster.status.api.PhaseView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a job's time went: a row for each phase, with its words and a bar that is placed in percent
 * of the width. The bars only repeat what the words say.
 *
 * @param total from the first beginning to the last end, up to now while it lasts
 */
record Waterfall(List<Row> rows, String total) {
  /** So that the shortest is still seen. */
  private static final double NARROWEST = 0.6;

  Waterfall {
    rows = List.copyOf(rows);
  }

  /**
   * A phase.
   *
   * @param after the beginning of the first until its own
   * @param lasts whether it has not ended yet
   * @param kind names its colour
   */
  record Row(
      String phase,
      String kind,
      String after,
      String length,
      boolean lasts,
      @Nullable String detail,
      String x,
      String width) {}

  static Waterfall of(List<PhaseView> phases) {
    if (phases.isEmpty()) {
      return new Waterfall(List.of(), "");
    }
    Instant begin = phases.stream().map(PhaseView::from).min(Instant::compareTo).orElseThrow();
    Instant end = phases.stream().map(Waterfall::end).max(Instant::compareTo).orElseThrow();
    double whole = Math.max(1, Duration.between(begin, end).toMillis());
    return new Waterfall(
        phases.stream().map(phase -> row(phase, begin, whole)).toList(),
        JobPage.length(Duration.between(begin, end)));
  }

  private static Row row(PhaseView phase, Instant begin, double whole) {
    Duration after = Duration.between(begin, phase.from());
    Duration length = length(phase);
    double width = Math.max(NARROWEST, 100 * length.toMillis() / whole);
    double x = Math.min(100 * after.toMillis() / whole, 100 - width);
    return new Row(
        phase.phase(),
        phase.kind(),
        JobPage.length(after),
        JobPage.length(length),
        phase.to() == null,
        phase.detail().isEmpty() ? null : phase.detail(),
        percent(x),
        percent(width));
  }

  private static Instant end(PhaseView phase) {
    return phase.from().plus(length(phase));
  }

  private static Duration length(PhaseView phase) {
    return Duration.ofMillis(Math.round(phase.seconds() * 1_000));
  }

  private static String percent(double value) {
    return String.format(Locale.ROOT, "%.2f%%", value);
  }
}
