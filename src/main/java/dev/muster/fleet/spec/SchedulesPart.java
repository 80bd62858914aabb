package dev.muster.fleet.spec;

import dev.muster.config.Fields;
import dev.muster.config.Key;
import dev.muster.config.Problems;
import dev.muster.config.Shape;
import dev.muster.config.Shapes;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.format.TextStyle;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The key {@code pools[].schedules}. */
final class SchedulesPart {
  private static final Shape<Integer> HOUR =
      new SlipShape<>(
          Shapes.whole(0, 23),
          "24",
          "there is no hour 24",
          "write 0: midnight is hour 0 of the next day");
  private static final Shape<LocalTime> TIME =
      new SlipShape<>(
          new TimeShape(),
          "24:00",
          "there is no 24:00",
          "write 00:00: midnight is 00:00 of the next day");

  private static final Key<String> NAME =
      Key.of("name", Shapes.name(), "business-hours", "Name, for people.").mustBeGiven();
  private static final Key<List<DayOfWeek>> DAYS_OF_WEEK =
      Key.of(
              "days_of_week",
              Shapes.list(new DayNumberShape(), 1, 7),
              "[1, 2, 3, 4, 5]",
              "Days on which the window starts, 0 being Sunday.")
          .standardIs("every day");
  private static final Key<List<DayOfWeek>> DAYS =
      Key.of(
              "days",
              Shapes.list(day(), 1, 7),
              "[mon, tue]",
              "The same with names; give one of the two.")
          .standardIs("every day");
  private static final Key<Integer> START_HOUR =
      Key.of("start_hour", HOUR, "8", "Hour at which the window starts, in the pool's time zone.")
          .standardIs("0");
  private static final Key<Integer> END_HOUR =
      Key.of(
              "end_hour",
              HOUR,
              "18",
              "Hour at which it ends, not included; before the start: on the next day; equal to it:"
                  + " the whole day.")
          .standardIs("0");
  private static final Key<LocalTime> START =
      Key.of("start", TIME, "\"22:30\"", "The same as `start_hour`, to the minute.")
          .standardIs("`start_hour`");
  private static final Key<LocalTime> END =
      Key.of("end", TIME, "\"04:00\"", "The same as `end_hour`, to the minute.")
          .standardIs("`end_hour`");
  static final Key<Integer> DESIRED_RUNNING =
      Key.of(
              "desired_running",
              Shapes.whole(0, 100_000),
              "4",
              "Ready runners to keep inside the window.")
          .standard(0);
  static final Key<Integer> DESIRED_STOPPED =
      Key.of(
              "desired_stopped",
              Shapes.whole(0, 100_000),
              "4",
              "Stopped runners to keep inside the window.")
          .standard(0);

  static final Key<List<Fields>> SCHEDULES =
      Key.of(
          "schedules",
          Shapes.list(
              Shapes.object(
                  "a schedule",
                  List.of(
                      NAME,
                      DAYS_OF_WEEK,
                      DAYS,
                      START_HOUR,
                      END_HOUR,
                      START,
                      END,
                      DESIRED_RUNNING,
                      DESIRED_STOPPED))),
          "[{ name: day, start_hour: 8, end_hour: 18, desired_running: 4 }]",
          "Windows of the week with numbers of their own; the first that holds the instant wins.");

  private SchedulesPart() {}

  private static Shape<DayOfWeek> day() {
    Map<String, DayOfWeek> fullNames = new LinkedHashMap<>();
    for (DayOfWeek day : DayOfWeek.values()) {
      fullNames.put(day.name().toLowerCase(Locale.ROOT), day);
    }
    return Shapes.choice(
        List.of(DayOfWeek.values()),
        day -> day.getDisplayName(TextStyle.SHORT, Locale.ROOT).toLowerCase(Locale.ROOT),
        fullNames);
  }

  static String called(Fields written) {
    return "schedule \"" + written.given(NAME).orElse("?") + "\"";
  }

  static void check(List<Fields> schedules, Problems problems) {
    Named.unique(schedules, NAME, "schedule", problems);
    for (Fields written : schedules) {
      either(written, DAYS_OF_WEEK, DAYS, problems);
      either(written, START_HOUR, START, problems);
      either(written, END_HOUR, END, problems);
    }
  }

  private static void either(Fields written, Key<?> one, Key<?> other, Problems problems) {
    if (written.has(one) && written.has(other)) {
      problems.error(
          written.keyPlace(other),
          "%s has %s beside %s".formatted(called(written), other.name(), one.name()),
          "keep one of them");
    }
  }

  static ScheduleSpec build(Fields written) {
    return new ScheduleSpec(
        written.value(NAME),
        written
            .given(DAYS_OF_WEEK)
            .or(() -> written.given(DAYS))
            .<Set<DayOfWeek>>map(EnumSet::copyOf)
            .orElse(EnumSet.allOf(DayOfWeek.class)),
        time(written, START_HOUR, START),
        time(written, END_HOUR, END),
        written.value(DESIRED_RUNNING),
        written.value(DESIRED_STOPPED));
  }

  private static LocalTime time(Fields written, Key<Integer> hour, Key<LocalTime> time) {
    return written.given(time).orElseGet(() -> LocalTime.of(written.given(hour).orElse(0), 0));
  }
}
