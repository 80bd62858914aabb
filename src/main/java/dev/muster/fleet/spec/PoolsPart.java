package dev.muster.fleet.spec;

import dev.muster.config.Fields;
import dev.muster.config.Key;
import dev.muster.config.Problems;
import dev.muster.config.Shapes;
import dev.muster.fleet.spec.FleetSpec.Defaults;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The key {@code pools}. */
final class PoolsPart {
  private static final int MOST = 100_000;

  static final Key<String> NAME =
      Key.of("name", Shapes.name(), "default", "Name, by which job labels choose it.")
          .mustBeGiven();
  private static final Key<String> RUNNER =
      Key.of(
          "runner",
          Shapes.name(),
          "4cpu-linux-arm64",
          "The kind of its runners, a name from `runners`.");
  private static final Key<String> INSTANCE_TYPE =
      Key.of(
          "instance_type",
          Shapes.text("instance type", RunnersPart.INSTANCE_TYPE_PATTERN),
          "c7g.xlarge",
          "Instead of `runner`: a Linux runner of this instance type.");
  private static final Key<String> ENVIRONMENT =
      Key.of("environment", Shapes.name(), "prod", "Its environment, a name from `environments`.")
          .standardIs("`defaults.environment`");
  private static final Key<String> REGION =
      Key.of("region", Shapes.region(), "eu-west-1", "Its region.").standardIs("`defaults.region`");
  private static final Key<Integer> DESIRED_RUNNING =
      Key.of(
              "desired_running",
              Shapes.whole(0, MOST),
              "0",
              "Ready runners to keep, waiting for a job; busy ones are not counted.")
          .standard(0);
  private static final Key<Integer> DESIRED_STOPPED =
      Key.of("desired_stopped", Shapes.whole(0, MOST), "2", "Stopped runners to keep.").standard(0);
  private static final Key<Integer> MAX =
      Key.of("max", Shapes.whole(0, MOST), "50", "Runners of every state at a time.")
          .standardIs("`defaults.max_runners`");
  private static final Key<Integer> IDLE_TIMEOUT =
      Key.of(
              "idle_timeout_minutes",
              Shapes.whole(0, 10_080),
              "30",
              "How long a ready runner over the desired number is kept.")
          .standard(30);
  private static final Key<ZoneId> TIME_ZONE =
      Key.of("time_zone", Shapes.zone(), "Europe/Berlin", "Time zone of its schedules.")
          .standardIs("`defaults.time_zone`");
  private static final Key<Integer> RAMP =
      Key.of(
              "ramp",
              Shapes.whole(1, MOST),
              "10",
              "Most runners started for warmth in one reconcile; waiting jobs are not slowed.")
          .standard(10);

  static final Key<List<Fields>> POOLS =
      Key.of(
          "pools",
          Shapes.list(
              Shapes.object(
                  "a pool",
                  List.of(
                      NAME,
                      RUNNER,
                      INSTANCE_TYPE,
                      ENVIRONMENT,
                      REGION,
                      DESIRED_RUNNING,
                      DESIRED_STOPPED,
                      MAX,
                      IDLE_TIMEOUT,
                      TIME_ZONE,
                      RAMP,
                      SchedulesPart.SCHEDULES))),
          "[{ name: default, runner: small, desired_running: 1 }]",
          "Runners of one kind in one place, of which some are kept warm.");

  private PoolsPart() {}

  /**
   * What pools may refer to.
   *
   * @param runners by name; empty where they are not known because they could not be read
   * @param environments by name; empty where the config has none and any name will do
   */
  record Known(
      Defaults defaults,
      Optional<Map<String, Fields>> runners,
      Optional<Map<String, Fields>> environments) {}

  /** The environment that it names, if it names one. */
  static String environment(Fields written, Defaults defaults) {
    return written.given(ENVIRONMENT).orElse(defaults.environment());
  }

  /** The instance type that stands in for a runner. */
  static Optional<String> instanceType(Fields written) {
    return written.given(INSTANCE_TYPE);
  }

  static void check(Fields written, Known known, Problems problems) {
    String name = "pool \"" + written.given(NAME).orElse("?") + "\"";
    checkRunner(written, name, known, problems);
    known
        .environments()
        .ifPresent(all -> checkPlace(written, name, known.defaults(), all, problems));
    checkNumbers(written, name, known, problems);
    SchedulesPart.check(schedules(written), problems);
  }

  private static void checkRunner(Fields written, String name, Known known, Problems problems) {
    if (written.has(RUNNER) && written.has(INSTANCE_TYPE)) {
      problems.error(
          written.keyPlace(INSTANCE_TYPE),
          name + " has both runner and instance_type",
          "keep one of them");
    }
    if (!written.has(RUNNER) && !written.has(INSTANCE_TYPE)) {
      problems.error(
          written.place(),
          name + " has neither runner nor instance_type",
          "say runner: NAME, a name from runners");
    }
    Optional<String> runner = written.given(RUNNER);
    if (runner.isPresent()
        && known.runners().isPresent()
        && !known.runners().get().containsKey(runner.get())) {
      problems.unknown(
          written.place(RUNNER),
          name + " names the unknown runner \"" + runner.get() + "\"",
          runner.get(),
          known.runners().get().keySet());
    }
  }

  private static void checkPlace(
      Fields written,
      String name,
      Defaults defaults,
      Map<String, Fields> environments,
      Problems problems) {
    String environment = environment(written, defaults);
    Fields found = environments.get(environment);
    if (found == null) {
      if (!environment.equals(defaults.environment())) {
        problems.unknown(
            written.place(ENVIRONMENT),
            name + " names the unknown environment \"" + environment + "\"",
            environment,
            environments.keySet());
      }
      return;
    }
    String region = written.given(REGION).orElse(defaults.region());
    Set<String> regions = EnvironmentsPart.regions(found);
    if (!regions.isEmpty() && !regions.contains(region)) {
      problems.unknown(
          written.place(REGION),
          "%s is in region \"%s\", which environment \"%s\" does not have"
              .formatted(name, region, environment),
          region,
          regions);
    }
  }

  private static void checkNumbers(Fields written, String name, Known known, Problems problems) {
    int max = written.given(MAX).orElse(known.defaults().maxRunners());
    OptionalInt slots = slots(written, known);
    checkSum(written, DESIRED_RUNNING, DESIRED_STOPPED, name, max, problems);
    checkSlots(written, DESIRED_RUNNING, name, slots, problems);
    for (Fields schedule : schedules(written)) {
      String called = SchedulesPart.called(schedule) + " of " + name;
      checkSum(
          schedule,
          SchedulesPart.DESIRED_RUNNING,
          SchedulesPart.DESIRED_STOPPED,
          called,
          max,
          problems);
      checkSlots(schedule, SchedulesPart.DESIRED_RUNNING, called, slots, problems);
    }
  }

  private static OptionalInt slots(Fields written, Known known) {
    return written
        .given(RUNNER)
        .flatMap(runner -> known.runners().map(all -> all.get(runner)))
        .map(runner -> RunnersPart.slots(runner, known.defaults()))
        .orElse(OptionalInt.empty());
  }

  private static void checkSlots(
      Fields written, Key<Integer> running, String name, OptionalInt slots, Problems problems) {
    int wanted = written.find(running).orElse(0);
    if (slots.isPresent() && wanted > slots.getAsInt()) {
      problems.warning(
          written.place(running),
          "%s keeps %d runners ready, its runner has %d slots"
              .formatted(name, wanted, slots.getAsInt()),
          "raise slots of the runner, or lower desired_running");
    }
  }

  private static void checkSum(
      Fields written,
      Key<Integer> running,
      Key<Integer> stopped,
      String name,
      int max,
      Problems problems) {
    int sum = written.find(running).orElse(0) + written.find(stopped).orElse(0);
    if (sum > max) {
      problems.error(
          written.place(written.has(running) ? running : stopped),
          "%s keeps %d runners warm, more than the pool's max of %d".formatted(name, sum, max),
          "raise max, or lower desired_running and desired_stopped");
    }
  }

  private static List<Fields> schedules(Fields written) {
    return written.given(SchedulesPart.SCHEDULES).orElse(List.of());
  }

  /**
   * @param runners by name, those made from instance types included
   */
  static PoolSpec build(Fields written, Defaults defaults, Map<String, RunnerSpec> runners) {
    String runner = written.given(RUNNER).orElseGet(() -> written.value(INSTANCE_TYPE));
    RunnerSpec spec = runners.get(runner);
    if (spec == null) {
      throw new IllegalStateException("The check let the unknown runner " + runner + " pass");
    }
    return new PoolSpec(
        written.value(NAME),
        spec,
        environment(written, defaults),
        written.given(REGION).orElse(defaults.region()),
        written.value(DESIRED_RUNNING),
        written.value(DESIRED_STOPPED),
        written.given(MAX).orElse(defaults.maxRunners()),
        Duration.ofMinutes(written.value(IDLE_TIMEOUT)),
        written.given(TIME_ZONE).orElse(defaults.timeZone()),
        schedules(written).stream().map(SchedulesPart::build).toList(),
        written.value(RAMP),
        false);
  }
}
