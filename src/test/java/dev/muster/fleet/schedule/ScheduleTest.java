package dev.muster.fleet.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.fleet.spec.ScheduleSpec;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  /** Days on which clocks are changed: by an hour, by half an hour, at midnight, and not at all. */
  private static final List<String> CHANGES =
      List.of(
          "2026-03-29 Europe/Berlin",
          "2026-10-25 Europe/Berlin",
          "2026-03-08 America/New_York",
          "2026-11-01 America/New_York",
          "2026-04-05 Australia/Lord_Howe",
          "2026-10-04 Australia/Lord_Howe",
          "2026-09-06 America/Santiago",
          "2026-04-05 America/Santiago",
          "2011-12-30 Pacific/Apia",
          "2026-07-05 Asia/Kolkata");

  private static final Set<DayOfWeek> EVERY_DAY = EnumSet.allOf(DayOfWeek.class);

  @ParameterizedTest
  @CsvSource({
    "2026-03-05T08:59:59+01:00, ''",
    "2026-03-05T09:00:00+01:00, day",
    "2026-03-05T16:59:59+01:00, day",
    "2026-03-05T17:00:00+01:00, ''",
    "2026-03-05T22:29:59+01:00, ''",
    "2026-03-05T22:30:00+01:00, night",
    "2026-03-06T03:59:59+01:00, night",
    "2026-03-06T04:00:00+01:00, ''",
    "2026-03-06T23:00:00+01:00, ''",
    "2026-03-07T12:00:00+01:00, weekend",
    "2026-03-08T00:00:00+01:00, ''"
  })
  void windowIsHalfOpenAndANightBelongsToTheDayItStartsOn(String at, String window) {
    Schedule schedule =
        schedule(
            BERLIN,
            window("day", EnumSet.of(DayOfWeek.THURSDAY), "09:00", "17:00", 1),
            window("night", EnumSet.of(DayOfWeek.THURSDAY), "22:30", "04:00", 2),
            window("weekend", EnumSet.of(DayOfWeek.SATURDAY), "00:00", "00:00", 3));
    assertThat(at(schedule, at).window().orElse("")).isEqualTo(window);
  }

  @Test
  void firstWindowInTheListWinsAndNoneMeansThePoolsOwnNumbers() {
    Schedule schedule =
        schedule(
            BERLIN,
            window("first", EVERY_DAY, "08:00", "12:00", 1),
            window("second", EVERY_DAY, "10:00", "14:00", 2));
    assertThat(at(schedule, "2026-03-05T11:00:00+01:00").running()).isEqualTo(1);
    assertThat(at(schedule, "2026-03-05T12:00:00+01:00").running()).isEqualTo(2);
    assertThat(at(schedule, "2026-03-05T15:00:00+01:00"))
        .isEqualTo(new Desired(9, 8, Optional.empty()));
  }

  @Test
  void windowThatStartsInTheGapStartsAtItsEnd() {
    // 2026-03-29: 02:00 becomes 03:00.
    Schedule schedule = schedule(BERLIN, window("gap", EVERY_DAY, "02:30", "05:00", 1));
    Instant gap = Instant.parse("2026-03-29T01:00:00Z");
    assertThat(schedule.at(gap.minusSeconds(1)).window()).isEmpty();
    assertThat(schedule.at(gap).window()).contains("gap");
    assertThat(schedule.nextChange(gap.minusSeconds(3_600))).contains(gap);
  }

  @Test
  void windowInTheOverlapCoversBothHours() {
    // 2026-10-25: 03:00 becomes 02:00; 02:00 to 03:00 is there twice.
    Schedule schedule = schedule(BERLIN, window("overlap", EVERY_DAY, "02:00", "03:00", 1));
    Instant first = Instant.parse("2026-10-25T00:00:00Z");
    List<Schedule.Segment> segments =
        schedule.segments(first.minusSeconds(3_600), first.plusSeconds(3 * 3_600));
    assertThat(segments)
        .filteredOn(s -> s.desired().window().isPresent())
        .extracting(s -> Duration.between(s.from(), s.to()))
        .containsExactly(Duration.ofHours(2));
  }

  @Test
  void segmentsCoverAnyTimeWithoutGapsAndEveryMinuteAgrees() {
    Random random = new Random(11);
    List<String> zones =
        List.of(
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "Asia/Kolkata",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "America/St_Johns");
    for (int round = 0; round < 60; round++) {
      Schedule schedule =
          schedule(ZoneId.of(zones.get(random.nextInt(zones.size()))), randomWindows(random));
      // Days around the changes of the clocks, and any others.
      Instant from =
          Instant.parse(
                  List.of(
                          "2026-03-08T00:00:00Z",
                          "2026-03-28T12:00:00Z",
                          "2026-10-04T00:00:00Z",
                          "2026-10-24T12:00:00Z",
                          "2026-11-01T00:00:00Z",
                          "2026-07-01T00:00:00Z")
                      .get(random.nextInt(6)))
              .plusSeconds(random.nextInt(7_200));
      Instant to = from.plus(Duration.ofHours(30));
      List<Schedule.Segment> segments = schedule.segments(from, to);
      assertThat(segments.getFirst().from()).isEqualTo(from);
      assertThat(segments.getLast().to()).isEqualTo(to);
      for (int i = 0; i < segments.size(); i++) {
        Schedule.Segment segment = segments.get(i);
        assertThat(segment.from()).isBefore(segment.to());
        if (i > 0) {
          assertThat(segment.from()).isEqualTo(segments.get(i - 1).to());
          assertThat(segment.desired()).isNotEqualTo(segments.get(i - 1).desired());
        }
        for (Instant t = segment.from(); t.isBefore(segment.to()); t = t.plusSeconds(60)) {
          assertThat(schedule.at(t)).as(t.toString()).isEqualTo(segment.desired());
        }
        assertThat(schedule.at(segment.to().minusNanos(1))).isEqualTo(segment.desired());
      }
    }
  }

  @Test
  void everyMinuteIsAsTheGuideSaysOfItAroundAnyChangeOfTheClocks() {
    Random random = new Random(23);
    for (String change : CHANGES) {
      ZoneId zone = ZoneId.of(change.substring(change.indexOf(' ') + 1));
      LocalDate day = LocalDate.parse(change.substring(0, change.indexOf(' ')));
      Instant from = day.minusDays(1).atStartOfDay(zone).toInstant();
      Instant to = day.plusDays(2).atStartOfDay(zone).toInstant();
      for (int round = 0; round < 12; round++) {
        ScheduleSpec[] windows = windowsOfTheNight(random);
        Schedule schedule = schedule(zone, windows);
        List<Schedule.Segment> expected = minuteByMinute(windows, zone, from, to);
        String what = change + " " + List.of(windows);
        assertThat(schedule.segments(from, to)).as(what).isEqualTo(expected);
        for (Schedule.Segment segment : expected) {
          assertThat(schedule.at(segment.from())).as(what).isEqualTo(segment.desired());
          assertThat(schedule.at(segment.to().minusNanos(1))).as(what).isEqualTo(segment.desired());
        }
      }
    }
  }

  /**
   * What is wanted, found out by looking at the clock on the wall every minute: each window is the
   * list of the minutes that it names, from its start on one of its days until the clock shows its
   * end, and those that the clock never shows are in no window.
   */
  private static List<Schedule.Segment> minuteByMinute(
      ScheduleSpec[] windows, ZoneId zone, Instant from, Instant to) {
    List<Set<LocalDateTime>> minutes = new ArrayList<>();
    for (ScheduleSpec window : windows) {
      Set<LocalDateTime> named = new HashSet<>();
      LocalDate last = LocalDate.ofInstant(to, zone);
      for (LocalDate day = LocalDate.ofInstant(from, zone).minusDays(2);
          !day.isAfter(last);
          day = day.plusDays(1)) {
        if (window.days().contains(day.getDayOfWeek())) {
          named.addAll(minutesOf(window, day));
        }
      }
      minutes.add(named);
    }
    List<Schedule.Segment> segments = new ArrayList<>();
    for (Instant minute = from; minute.isBefore(to); minute = minute.plusSeconds(60)) {
      LocalDateTime wall = ZonedDateTime.ofInstant(minute, zone).toLocalDateTime();
      Desired desired = new Desired(9, 8, Optional.empty());
      for (int i = windows.length - 1; i >= 0; i--) {
        if (minutes.get(i).contains(wall)) {
          desired =
              new Desired(
                  windows[i].desiredRunning(),
                  windows[i].desiredStopped(),
                  Optional.of(windows[i].name()));
        }
      }
      boolean more = !segments.isEmpty() && segments.getLast().desired().equals(desired);
      Instant begin = more ? segments.removeLast().from() : minute;
      segments.add(new Schedule.Segment(begin, minute.plusSeconds(60), desired));
    }
    return segments;
  }

  private static List<LocalDateTime> minutesOf(ScheduleSpec window, LocalDate day) {
    boolean whole = window.start().equals(window.end());
    LocalDateTime minute = whole ? day.atStartOfDay() : day.atTime(window.start());
    LocalTime end = whole ? LocalTime.MIDNIGHT : window.end();
    List<LocalDateTime> minutes = new ArrayList<>();
    do {
      minutes.add(minute);
      minute = minute.plusMinutes(1);
    } while (!minute.toLocalTime().equals(end));
    return minutes;
  }

  /** Many begin or end within the hours in which clocks are changed, or run past midnight. */
  private static ScheduleSpec[] windowsOfTheNight(Random random) {
    List<ScheduleSpec> windows = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      Set<DayOfWeek> days = EnumSet.of(DayOfWeek.SATURDAY, DayOfWeek.SUNDAY);
      days.removeIf(day -> random.nextInt(3) == 0);
      days.add(DayOfWeek.of(1 + random.nextInt(7)));
      LocalTime start = timeOf(random);
      LocalTime end = random.nextInt(6) == 0 ? start : timeOf(random);
      windows.add(
          new ScheduleSpec("w" + i, days, start, end, random.nextInt(5), random.nextInt(5)));
    }
    return windows.toArray(ScheduleSpec[]::new);
  }

  private static LocalTime timeOf(Random random) {
    int hour = random.nextBoolean() ? random.nextInt(4) : random.nextInt(24);
    return LocalTime.of(hour, random.nextBoolean() ? 30 * random.nextInt(2) : random.nextInt(60));
  }

  @Test
  void withoutSchedulesNothingEverChanges() {
    assertThat(schedule(BERLIN).nextChange(Instant.EPOCH)).isEmpty();
  }

  private static ScheduleSpec[] randomWindows(Random random) {
    List<ScheduleSpec> windows = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(4); i++) {
      Set<DayOfWeek> days = EnumSet.of(DayOfWeek.of(1 + random.nextInt(7)));
      for (int more = random.nextInt(7); more > 0; more--) {
        days.add(DayOfWeek.of(1 + random.nextInt(7)));
      }
      windows.add(
          new ScheduleSpec(
              "w" + i,
              days,
              LocalTime.of(random.nextInt(24), 15 * random.nextInt(4)),
              LocalTime.of(random.nextInt(24), 15 * random.nextInt(4)),
              random.nextInt(5),
              random.nextInt(5)));
    }
    return windows.toArray(ScheduleSpec[]::new);
  }

  private static Desired at(Schedule schedule, String at) {
    return schedule.at(java.time.OffsetDateTime.parse(at).toInstant());
  }

  private static ScheduleSpec window(
      String name, Set<DayOfWeek> days, String start, String end, int running) {
    return new ScheduleSpec(name, days, LocalTime.parse(start), LocalTime.parse(end), running, 0);
  }

  private static Schedule schedule(ZoneId zone, ScheduleSpec... windows) {
    return new Schedule(
        new PoolSpec(
            "default",
            RunnerSpec.forgotten("here", "local"),
            "dev",
            "local",
            9,
            8,
            100,
            Duration.ofMinutes(30),
            zone,
            List.of(windows),
            10,
            false));
  }
}
