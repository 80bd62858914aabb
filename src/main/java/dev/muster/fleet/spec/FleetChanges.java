package dev.muster.fleet.spec;

import dev.muster.config.ChangeSummary;
import dev.muster.config.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a config changes of the fleet: the answer of {@code muster plan} and of a push. */
public final class FleetChanges implements ChangeSummary {
  private static final FleetSpec.Defaults NO_DEFAULTS =
      new FleetSpec.Defaults(Provider.EC2, "", "", java.time.ZoneOffset.UTC, 0);

  @Override
  public List<String> lines(Optional<Snapshot> before, Snapshot after) {
    FleetSpec was =
        before
            .map(s -> s.get(FleetSpec.class))
            .orElseGet(() -> new FleetSpec(NO_DEFAULTS, List.of(), Map.of(), List.of()));
    FleetSpec is = after.get(FleetSpec.class);
    List<String> lines = new ArrayList<>();
    compare("runner", was.runners(), is.runners(), RunnerSpec::name, FleetChanges::runner, lines);
    compare(
        "environment",
        List.copyOf(was.environments().values()),
        List.copyOf(is.environments().values()),
        EnvironmentSpec::name,
        (a, b) -> List.of("its settings change"),
        lines);
    compare("pool", was.pools(), is.pools(), PoolSpec::name, FleetChanges::pool, lines);
    return lines;
  }

  private interface Difference<T> {
    List<String> of(T before, T after);
  }

  private static <T> void compare(
      String kind,
      List<T> before,
      List<T> after,
      Function<T, String> name,
      Difference<T> difference,
      List<String> lines) {
    Map<String, T> was = before.stream().collect(Collectors.toMap(name, t -> t));
    Map<String, T> is = after.stream().collect(Collectors.toMap(name, t -> t));
    for (T now : after) {
      T then = was.get(name.apply(now));
      if (then == null) {
        lines.add("+ " + kind + " " + name.apply(now) + describe(now));
      } else if (!then.equals(now)) {
        lines.add(
            "~ "
                + kind
                + " "
                + name.apply(now)
                + ": "
                + String.join(", ", difference.of(then, now)));
      }
    }
    before.stream()
        .map(name)
        .filter(n -> !is.containsKey(n))
        .forEach(
            n -> lines.add("- " + kind + " " + n + (kind.equals("pool") ? " (is drained)" : "")));
  }

  private static String describe(Object added) {
    return switch (added) {
      case PoolSpec p ->
          ": %d running, %d stopped of %s in %s, at most %d"
              .formatted(
                  p.desiredRunning(),
                  p.desiredStopped(),
                  p.runner().name(),
                  p.environment(),
                  p.max());
      case RunnerSpec r ->
          ": %s %s %s%s"
              .formatted(
                  r.provider().word(),
                  r.os().word(),
                  r.arch().word(),
                  r.instanceMetadata() ? ", jobs reach the instance metadata" : "");
      default -> "";
    };
  }

  private static List<String> runner(RunnerSpec before, RunnerSpec after) {
    if (before.sameInstance(after)) {
      return List.of("its labels or slots change");
    }
    List<String> changes = new ArrayList<>();
    if (before.instanceMetadata() != after.instanceMetadata()) {
      changes.add(
          after.instanceMetadata()
              ? "its jobs reach the instance metadata"
              : "its jobs no longer reach the instance metadata");
    }
    changes.add("its machines change; idle ones are replaced");
    return changes;
  }

  private static List<String> pool(PoolSpec before, PoolSpec after) {
    List<String> changes = new ArrayList<>();
    number("running", before.desiredRunning(), after.desiredRunning(), changes);
    number("stopped", before.desiredStopped(), after.desiredStopped(), changes);
    number("at most", before.max(), after.max(), changes);
    if (!before.runner().sameInstance(after.runner())) {
      changes.add("runner " + after.runner().name() + ", idle ones are replaced");
    }
    if (!before.schedules().equals(after.schedules()) || !before.zone().equals(after.zone())) {
      changes.add("schedules change");
    }
    if (!before.environment().equals(after.environment())
        || !before.region().equals(after.region())) {
      changes.add("moves to %s in %s".formatted(after.environment(), after.region()));
    }
    return changes.isEmpty() ? List.of("its settings change") : changes;
  }

  private static void number(String what, int before, int after, List<String> changes) {
    if (before != after) {
      changes.add("%s %d → %d".formatted(what, before, after));
    }
  }
}
