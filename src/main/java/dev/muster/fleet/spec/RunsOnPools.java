package dev.muster.fleet.spec;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The pools of a runs-on.yml. */
final class RunsOnPools {
  private static final Pattern TIME = Pattern.compile("(\\d{1,2}):([0-5]\\d)(?::[0-5]\\d)?");

  private final RunsOnRunners runners;
  private final RunsOnNames names;
  private final Map<String, Map<String, String>> written = new LinkedHashMap<>();

  RunsOnPools(RunsOnRunners runners, RunsOnNames names) {
    this.runners = runners;
    this.names = names;
  }

  List<Map<String, String>> written() {
    return List.copyOf(written.values());
  }

  void add(String pool, RunsOnSource source) {
    String name = names.name(pool, source);
    Optional<String> runner = source.text("runner");
    if (runner.isEmpty() || written.containsKey(name)) {
      source.note(
          runner.isEmpty() ? "names no runner and is left out" : "has another's name: left out");
      return;
    }
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("name", RunsOnNames.quoted(name));
    keys.put("runner", RunsOnNames.quoted(runners.named(runner.get(), source)));
    source
        .text("env")
        .ifPresent(env -> keys.put("environment", RunsOnNames.quoted(names.name(env, source))));
    zone(source).ifPresent(zone -> keys.put("time_zone", zone));
    putSchedules(keys, source);
    source.noteTheRest();
    written.put(name, keys);
  }

  private static Optional<String> zone(RunsOnSource source) {
    Optional<String> zone = source.text("timezone");
    try {
      return zone.map(text -> ZoneId.of(text).getId());
    } catch (DateTimeException e) {
      source.note("has the unknown time zone " + zone.orElse(""));
      return Optional.empty();
    }
  }

  /** The one that matches always is the pool's own numbers, wherever it stands. */
  private void putSchedules(Map<String, String> keys, RunsOnSource source) {
    Map<String, String> windows = new LinkedHashMap<>();
    int most = 0;
    for (RunsOnSource schedule : source.items("schedule")) {
      int running = number(schedule, "hot");
      int stopped = number(schedule, "stopped");
      String name =
          names.unique(schedule.text("name").orElse("window"), windows.keySet(), schedule);
      Optional<String> window = schedule.child("match").map(this::window).orElse(Optional.of(""));
      schedule.noteTheRest();
      if (window.isEmpty() || (window.get().isEmpty() && keys.containsKey("desired_running"))) {
        schedule.note(
            window.isEmpty() ? "is left out" : "matches always, as one before it does: left out");
        continue;
      }
      most = Math.max(most, running + stopped);
      if (window.get().isEmpty()) {
        keys.put("desired_running", Integer.toString(running));
        keys.put("desired_stopped", Integer.toString(stopped));
      } else {
        windows.put(
            name,
            "\n      - { name: %s, %sdesired_running: %d, desired_stopped: %d }"
                .formatted(RunsOnNames.quoted(name), window.get(), running, stopped));
      }
    }
    if (most > FleetSection.STANDARD_MAX_RUNNERS) {
      keys.put("max", Integer.toString(most));
    }
    if (!windows.isEmpty()) {
      keys.put("schedules", String.join("", windows.values()));
    }
  }

  private static int number(RunsOnSource source, String key) {
    Optional<String> text = source.text(key);
    if (text.isPresent() && !text.get().matches("\\d{1,4}")) {
      source.note("has %s %s, not a number; 0 takes its place".formatted(key, text.get()));
      return 0;
    }
    return text.map(Integer::parseInt).orElse(0);
  }

  /**
   * Keys of a schedule with a comma after each: none where it matches always; empty where it cannot
   * be told when it matches.
   */
  private Optional<String> window(RunsOnSource match) {
    Optional<String> days = days(match);
    Optional<String> times = times(match);
    match.noteTheRest();
    return days.flatMap(some -> times.map(some::concat));
  }

  private static Optional<String> days(RunsOnSource match) {
    List<String> written = match.texts("day");
    Set<DayOfWeek> days = new TreeSet<>();
    for (String text : written) {
      Optional<DayOfWeek> day = day(text);
      day.ifPresentOrElse(
          days::add, () -> match.note("has the day " + text + ", which has no counterpart"));
    }
    if (days.isEmpty()) {
      return written.isEmpty() ? Optional.of("") : Optional.empty();
    }
    return Optional.of(
        days.stream()
            .map(day -> day.name().substring(0, 3).toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", ", "days: [", "], ")));
  }

  private static Optional<DayOfWeek> day(String text) {
    return Stream.of(DayOfWeek.values())
        .filter(day -> text.length() >= 3)
        .filter(day -> day.name().startsWith(text.toUpperCase(Locale.ROOT)))
        .findFirst();
  }

  private static Optional<String> times(RunsOnSource match) {
    List<String> written = match.texts("time");
    if (written.isEmpty()) {
      return Optional.of("");
    }
    List<String> times = written.stream().flatMap(text -> time(text).stream()).toList();
    if (times.size() != 2 || written.size() != 2) {
      match.note("has the time " + written + ", not a start and an end");
      return Optional.empty();
    }
    return Optional.of("start: \"%s\", end: \"%s\", ".formatted(times.getFirst(), times.getLast()));
  }

  private static Optional<String> time(String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(1)) > 24) {
      return Optional.empty();
    }
    int hour = Integer.parseInt(matcher.group(1)) % 24;
    return Optional.of("%02d:%s".formatted(hour, matcher.group(2)));
  }
}
