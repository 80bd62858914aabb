package dev.muster.config;

import dev.muster.config.CoreSpec.Failover;
import dev.muster.config.CoreSpec.Retention;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The keys that belong to no capability. */
public final class CoreSection implements Section<CoreSpec> {
  /** Required in the main file only, which {@link ConfigLoader} sees to. */
  static final Key<String> VERSION =
      Key.of(
              "version",
              Shapes.choice(List.of("1", "1.0"), version -> version),
              "\"1\"",
              "The form of the config.")
          .standardIs("required in the main file")
          .inEveryFile();

  private static final Shape<Duration> KEPT =
      Shapes.duration(Duration.ofHours(1), Duration.ofDays(3650));

  private static final Key<Duration> DELIVERIES =
      Key.of(
              "deliveries",
              KEPT,
              "7d",
              "How long the bodies of webhook deliveries are kept; what became of each is kept as the audit is.")
          .standard(Retention.STANDARD.deliveries());
  private static final Key<Duration> JOBS =
      Key.of("jobs", KEPT, "90d", "How long jobs and their timelines are kept.")
          .standard(Retention.STANDARD.jobs());
  private static final Key<Duration> AUDIT =
      Key.of("audit", KEPT, "400d", "How long the audit trail is kept.")
          .standard(Retention.STANDARD.audit());
  private static final Key<Fields> RETENTION =
      Key.of(
          "retention",
          Shapes.object("retention", List.of(DELIVERIES, JOBS, AUDIT)),
          "{ jobs: 90d }",
          "How long records are kept.");

  private static final Key<List<Located<String>>> TO =
      Key.of(
              "to",
              Shapes.list(Shapes.located(Shapes.region()), 1, 20),
              "[eu-central-1]",
              "Regions that take over, the first healthy one doing so.")
          .mustBeGiven();
  private static final Key<Optional<Duration>> AFTER =
      Key.of(
              "after",
              Shapes.orNever(Shapes.duration(Duration.ofSeconds(30), Duration.ofHours(1))),
              "90s",
              "How long a region must be silent before.")
          .standard(Optional.of(Duration.ofSeconds(90)));
  private static final Key<Map<String, Located<Fields>>> FAILOVER =
      Key.of(
          "failover",
          Shapes.map(Shapes.region(), Shapes.object("a failover", List.of(TO, AFTER))),
          "{ eu-west-1: { to: [eu-central-1] } }",
          "Which regions take a silent region's work over, by region.");

  @Override
  public Class<CoreSpec> type() {
    return CoreSpec.class;
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(VERSION, RETENTION, FAILOVER);
  }

  @Override
  public void check(Fields root, Problems problems) {
    root.given(FAILOVER)
        .orElse(Map.of())
        .forEach((region, failover) -> {
          for (Located<String> to : failover.value().given(TO).orElse(List.of())) {
            if (to.value().equals(region)) {
              problems.error(
                  to.place(),
                  "region \"" + region + "\" cannot take over from itself",
                  "name another region");
            }
          }
        });
  }

  @Override
  public CoreSpec build(Fields root) {
    Retention retention =
        root.given(RETENTION)
            .map(kept -> new Retention(kept.value(DELIVERIES), kept.value(JOBS), kept.value(AUDIT)))
            .orElse(Retention.STANDARD);
    Map<String, Failover> failover = new LinkedHashMap<>();
    root.given(FAILOVER)
        .orElse(Map.of())
        .forEach((region, written) -> failover.put(region, failover(written.value())));
    return new CoreSpec(retention, failover);
  }

  private static Failover failover(Fields written) {
    return new Failover(
        written.value(TO).stream().map(Located::value).toList(), written.value(AFTER));
  }
}
