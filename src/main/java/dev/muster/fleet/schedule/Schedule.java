package dev.muster.fleet.schedule;

import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.ScheduleSpec;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A pool's schedule. An instant is in a window when the clock on the wall of the pool's time zone
 * says so; that alone gives the rules for daylight saving (SURFACE: schedules): a window that
 * starts in the gap starts at the gap's end, one in the overlap covers both hours.
 */
public final class Schedule {
  /** Windows repeat weekly; a day more for those that run past midnight. */
  private static final int HORIZON_DAYS = 8;

  private final PoolSpec pool;

  public Schedule(PoolSpec pool) {
    this.pool = pool;
  }

  /** What is wanted at {@code instant}: the first window in list order that holds it. */
  public Desired at(Instant instant) {
    LocalDateTime local = LocalDateTime.ofInstant(instant, pool.zone());
    return pool.schedules().stream()
        .filter(window -> holds(window, local))
        .findFirst()
        .map(w -> new Desired(w.desiredRunning(), w.desiredStopped(), Optional.of(w.name())))
        .orElseGet(
            () -> new Desired(pool.desiredRunning(), pool.desiredStopped(), Optional.empty()));
  }

  private static boolean holds(ScheduleSpec window, LocalDateTime local) {
    LocalTime time = local.toLocalTime();
    boolean today = window.days().contains(local.getDayOfWeek());
    int order = window.start().compareTo(window.end());
    if (order == 0) {
      return today;
    }
    if (order < 0) {
      return today && !time.isBefore(window.start()) && time.isBefore(window.end());
    }
    boolean yesterday = window.days().contains(local.minusDays(1).getDayOfWeek());
    return (today && !time.isBefore(window.start())) || (yesterday && time.isBefore(window.end()));
  }

  /** The first instant after {@code after} at which something else is wanted; empty if never. */
  public Optional<Instant> nextChange(Instant after) {
    Desired now = at(after);
    return candidates(after).stream().filter(i -> !at(i).equals(now)).findFirst();
  }

  /** A stretch of time with the same numbers, half-open. */
  public record Segment(Instant from, Instant to, Desired desired) {}

  /** What is wanted from {@code from} to {@code to}, without gaps. */
  public List<Segment> segments(Instant from, Instant to) {
    List<Segment> segments = new ArrayList<>();
    Instant start = from;
    while (start.isBefore(to)) {
      Instant end = nextChange(start).filter(i -> i.isBefore(to)).orElse(to);
      segments.add(new Segment(start, end, at(start)));
      start = end;
    }
    return segments;
  }

  /** Every instant after {@code after} at which a window may begin or end, ascending. */
  private NavigableSet<Instant> candidates(Instant after) {
    NavigableSet<Instant> instants = new TreeSet<>();
    if (pool.schedules().isEmpty()) {
      return instants;
    }
    LocalDate today = LocalDate.ofInstant(after, pool.zone());
    for (int day = -1; day <= HORIZON_DAYS; day++) {
      LocalDate date = today.plusDays(day);
      instants.addAll(instantsOf(date.atStartOfDay(), pool.zone()));
      for (ScheduleSpec window : pool.schedules()) {
        instants.addAll(instantsOf(date.atTime(window.start()), pool.zone()));
        instants.addAll(instantsOf(date.atTime(window.end()), pool.zone()));
      }
    }
    Optional.ofNullable(pool.zone().getRules().nextTransition(after))
        .map(ZoneOffsetTransition::getInstant)
        .filter(i -> i.isBefore(instants.last()))
        .ifPresent(instants::add);
    return instants.tailSet(after, false);
  }

  /** When the wall clock shows {@code local}: once, twice in an overlap, at a gap's end. */
  private static List<Instant> instantsOf(LocalDateTime local, ZoneId zone) {
    ZoneRules rules = zone.getRules();
    ZoneOffsetTransition transition = rules.getTransition(local);
    if (transition != null && transition.isGap()) {
      return List.of(transition.getInstant());
    }
    List<Instant> instants = new ArrayList<>();
    for (ZoneOffset offset : rules.getValidOffsets(local)) {
      instants.add(local.toInstant(offset));
    }
    return instants;
  }
}
