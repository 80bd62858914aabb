package dev.muster.status.page;

import dev.muster.status.api.PoolDetail.SegmentView;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a pool's schedule wants over a day, as shapes of an SVG. Across, shapes are placed in
 * percent of the width, so that the drawing fits any screen while its text keeps its size.
 *
 * @param words the same for those who do not see it
 */
record DayChart(List<Bar> bars, List<Tick> ticks, String words) {
  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);
  private static final int TICK_HOURS = 3;

  /** Narrower bars have no room for their label. */
  private static final double LABELLED_FROM = 12;

  DayChart {
    bars = List.copyOf(bars);
    ticks = List.copyOf(ticks);
  }

  /**
   * A stretch of time; heights are percent of the drawing, ready ones below stopped ones.
   *
   * @param label empty where there is no room for it
   */
  record Bar(
      String x,
      String width,
      String readyTop,
      String readyHeight,
      String stoppedTop,
      String stoppedHeight,
      boolean window,
      String label,
      String title) {}

  /** A mark on the axis of time. */
  record Tick(String x, String label) {}

  static DayChart of(List<SegmentView> day, ZoneId zone) {
    if (day.isEmpty()) {
      return new DayChart(List.of(), List.of(), "No schedule");
    }
    Instant from = day.getFirst().from();
    Instant to = day.getLast().to();
    int most =
        Math.max(
            1, day.stream().mapToInt(s -> s.desiredRunning() + s.desiredStopped()).max().orElse(1));
    List<Bar> bars = new ArrayList<>();
    List<String> words = new ArrayList<>();
    for (SegmentView segment : day) {
      String title = title(segment, zone);
      words.add(title);
      bars.add(bar(segment, from, to, most, title));
    }
    return new DayChart(bars, ticks(from, to, zone), String.join("; ", words));
  }

  private static Bar bar(SegmentView s, Instant from, Instant to, int most, String title) {
    double x = share(from, to, s.from());
    double width = share(from, to, s.to()) - x;
    double ready = 100.0 * s.desiredRunning() / most;
    double stopped = 100.0 * s.desiredStopped() / most;
    String name = s.schedule();
    String label = name == null ? "" : name;
    return new Bar(
        percent(x),
        percent(width),
        percent(100 - ready),
        percent(ready),
        percent(100 - ready - stopped),
        percent(stopped),
        name != null,
        width < LABELLED_FROM ? "" : label,
        title);
  }

  private static String title(SegmentView s, ZoneId zone) {
    String name = s.schedule();
    return "%s to %s%s: %d ready, %d stopped"
        .formatted(
            CLOCK.format(s.from().atZone(zone)),
            CLOCK.format(s.to().atZone(zone)),
            name == null ? "" : " " + name,
            s.desiredRunning(),
            s.desiredStopped());
  }

  private static List<Tick> ticks(Instant from, Instant to, ZoneId zone) {
    List<Tick> ticks = new ArrayList<>();
    ZonedDateTime hour = from.atZone(zone).truncatedTo(ChronoUnit.HOURS).plusHours(1);
    for (; hour.toInstant().isBefore(to); hour = hour.plusHours(1)) {
      double x = share(from, to, hour.toInstant());
      if (hour.getHour() % TICK_HOURS == 0 && x > 2 && x < 96) {
        ticks.add(new Tick(percent(x), CLOCK.format(hour)));
      }
    }
    return ticks;
  }

  private static double share(Instant from, Instant to, Instant at) {
    return 100.0 * Duration.between(from, at).toSeconds() / Duration.between(from, to).toSeconds();
  }

  private static String percent(double value) {
    return String.format(Locale.ROOT, "%.2f%%", value);
  }
}
