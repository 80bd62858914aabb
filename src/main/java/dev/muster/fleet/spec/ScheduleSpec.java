package dev.muster.fleet.spec;

import java.time.DayOfWeek;
import java.time.LocalTime;
import java.util.Set;

/**
 * A weekly window with its own numbers.
 *
 * @param days on which the window starts, never empty
 * @param start of the half-open window, in the pool's time zone
 * @param end equal to {@code start} for the whole day, before it for a window past midnight
 */
public record ScheduleSpec(
    String name,
    Set<DayOfWeek> days,
    LocalTime start,
    LocalTime end,
    int desiredRunning,
    int desiredStopped) {
  public ScheduleSpec {
    days = Set.copyOf(days);
  }
}
