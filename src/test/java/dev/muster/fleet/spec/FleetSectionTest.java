package dev.muster.fleet.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.Configs;
import dev.muster.config.CoreSpec;
import dev.muster.config.SecretRef;
import dev.muster.config.Snapshot;
import dev.muster.fleet.github.GitHubSpec;
import dev.muster.fleet.spec.EnvironmentSpec.Network;
import java.io.IOException;
import java.net.URI;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FleetSectionTest {
  private static Snapshot load(String yaml) {
    return Configs.accepted(Configs.load("version: '1'\n" + yaml));
  }

  private static FleetSpec fleet(String yaml) {
    return load(yaml).get(FleetSpec.class);
  }

  private static RunnerSpec runner(String keys) {
    return fleet("runners: [{ name: r, " + keys + " }]").runner("r").orElseThrow();
  }

  private static ScheduleSpec schedule(String keys) {
    String yaml =
        "pools: [{ name: p, instance_type: c7g.large, schedules: [{ name: s, " + keys + " }] }]";
    return fleet(yaml).pool("p").orElseThrow().schedules().getFirst();
  }

  @Test
  void regionsNameIsNoLongerThanItsRowsHaveRoomFor() {
    String longest = "g".repeat(60);
    assertThat(fleet("defaults: { region: " + longest + " }").defaults().region())
        .isEqualTo(longest);
    for (String keys :
        List.of(
            "defaults: { region: %s }",
            "pools: [{ name: p, instance_type: c7g.large, region: %s }]",
            "environments: { dev: { regions: { %s: {} } } }",
            "failover: { %s: { to: [eu-central-1] } }",
            "failover: { eu-west-1: { to: [%s] } }")) {
      assertThat(Configs.problems("version: '1'\n" + keys.formatted(longest + "g")))
          .as(keys)
          .anySatisfy(problem -> assertThat(problem).contains("{0,59}"));
    }
  }

  @Test
  void readsEveryKeyOfTheFleetExample() throws IOException {
    Snapshot snapshot =
        Configs.accepted(Configs.load(Configs.tree(Configs.repository("config-examples/fleet"))));

    FleetSpec fleet = snapshot.get(FleetSpec.class);
    assertThat(fleet.defaults())
        .isEqualTo(
            new FleetSpec.Defaults(
                Provider.EC2, "dev", "eu-west-1", ZoneId.of("Europe/Berlin"), 500));
    assertThat(fleet.runner("4cpu-linux-arm64"))
        .contains(
            new RunnerSpec(
                "4cpu-linux-arm64",
                Provider.EC2,
                Os.LINUX,
                Arch.ARM64,
                new Range(4, 8),
                new Range(8, 32),
                List.of("c7g", "m7g"),
                List.of(),
                OptionalInt.empty(),
                100,
                Optional.of(new ImageRef("muster-runner-linux-arm64-*", "self")),
                Spot.PREFERRED,
                Duration.ofHours(6),
                List.of("fast"),
                0,
                List.of(),
                false,
                false));
    assertThat(fleet.environment("prod"))
        .contains(
            new EnvironmentSpec(
                "prod",
                List.of("acme/*"),
                Optional.of("arn:aws:iam::111122223333:role/muster-prod"),
                Map.of(
                    "eu-west-1",
                    new Network(
                        Optional.of("vpc-1"),
                        List.of("subnet-a", "subnet-b"),
                        List.of("sg-1"),
                        Optional.of("muster-runner"))),
                Optional.of("muster-prod"),
                Optional.of("muster-cache-prod"),
                Optional.of("prod-runners"),
                new EnvironmentSpec.Allow(false, false),
                Optional.of(
                    new EnvironmentSpec.Budget(2000, List.of(50, 80, 100), OptionalInt.of(120))),
                Map.of("CostCentre", "ci")));
    assertThat(fleet.environment("dev")).contains(EnvironmentSpec.named("dev"));
    assertThat(fleet.pool("default").orElseThrow().schedules())
        .containsExactly(
            new ScheduleSpec(
                "business-hours",
                Set.of(
                    DayOfWeek.MONDAY,
                    DayOfWeek.TUESDAY,
                    DayOfWeek.WEDNESDAY,
                    DayOfWeek.THURSDAY,
                    DayOfWeek.FRIDAY),
                LocalTime.of(8, 0),
                LocalTime.of(18, 0),
                4,
                4),
            new ScheduleSpec(
                "release-night",
                Set.of(DayOfWeek.THURSDAY),
                LocalTime.of(22, 30),
                LocalTime.of(4, 0),
                10,
                0));

    assertThat(snapshot.get(CoreSpec.class))
        .isEqualTo(
            new CoreSpec(
                CoreSpec.Retention.STANDARD,
                Map.of(
                    "eu-west-1",
                    new CoreSpec.Failover(
                        List.of("eu-central-1"), Optional.of(Duration.ofSeconds(90))))));
    assertThat(snapshot.get(GitHubSpec.class))
        .isEqualTo(
            new GitHubSpec(
                GitHubSpec.PUBLIC,
                Optional.of(new GitHubSpec.App(12345, new SecretRef("github-app-key"))),
                List.of(new SecretRef("github-webhook"))));
  }

  @Test
  void hasEverySectionWithItsDefaultsWhereNothingIsSaid() {
    Snapshot snapshot = load("");
    assertThat(snapshot.get(FleetSpec.class))
        .isEqualTo(
            new FleetSpec(
                new FleetSpec.Defaults(Provider.EC2, "default", "local", ZoneId.of("UTC"), 500),
                List.of(),
                Map.of("default", EnvironmentSpec.named("default")),
                List.of()));
    assertThat(snapshot.get(CoreSpec.class).retention()).isEqualTo(CoreSpec.Retention.STANDARD);
    assertThat(snapshot.get(GitHubSpec.class).webhookSecrets()).isEmpty();
  }

  @Test
  void poolsTakeWhatTheyDoNotSayFromTheDefaults() {
    PoolSpec pool =
        fleet(
                """
                defaults: { time_zone: Asia/Tokyo, region: eu-west-1, environment: dev, max_runners: 7 }
                runners: [{ name: r }]
                pools: [{ name: p, runner: r }]
                """)
            .pool("p")
            .orElseThrow();
    assertThat(pool.zone()).isEqualTo(ZoneId.of("Asia/Tokyo"));
    assertThat(pool.region()).isEqualTo("eu-west-1");
    assertThat(pool.environment()).isEqualTo("dev");
    assertThat(pool.max()).isEqualTo(7);
    assertThat(pool.idleTimeout()).isEqualTo(Duration.ofMinutes(30));
    assertThat(pool.ramp()).isEqualTo(10);
    assertThat(pool.adHoc()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "arch: x64; AMD64",
        "arch: arm64; ARM64",
        "instance_type: t4g.medium; ARM64",
        "instance_type: m5.large; AMD64",
        "instance_type: g4dn.xlarge; AMD64",
        "instance_types: [im4gn.large, a1.large]; ARM64",
        "families: [c7gd]; ARM64",
        "families: [m7]; AMD64",
        "cpu: 4; AMD64",
      })
  void tellsTheArchitectureFromTheMachine(String keys, Arch arch) {
    assertThat(runner(keys).arch()).isEqualTo(arch);
  }

  @ParameterizedTest
  @CsvSource({"preferred,PREFERRED", "only,ONLY", "never,NEVER", "true,PREFERRED", "false,NEVER"})
  void readsSpotAsLabelsHaveIt(String word, Spot spot) {
    assertThat(runner("spot: " + word).spot()).isEqualTo(spot);
  }

  @Test
  void oneNumberIsExactlyThat() {
    assertThat(runner("cpu: 4, ram: [8]").cpu()).isEqualTo(new Range(4, 4));
    assertThat(runner("cpu: 4, ram: [8]").ram()).isEqualTo(new Range(8, 8));
  }

  @Property(tries = 200)
  void rangesAreReadAsWritten(
      @ForAll @IntRange(min = 1, max = 2048) int min,
      @ForAll @IntRange(min = 1, max = 2048) int max) {
    String yaml = "version: '1'\nrunners: [{ name: r, cpu: [%d, %d] }]".formatted(min, max);
    if (min <= max) {
      assertThat(runner("cpu: [%d, %d]".formatted(min, max)).cpu()).isEqualTo(new Range(min, max));
    } else {
      assertThat(Configs.problems(yaml)).singleElement().asString().startsWith("muster.yml:2:27:");
    }
  }

  @Property(tries = 200)
  void timesAreReadAsWrittenAndNothingElseIs(
      @ForAll @IntRange(min = 0, max = 30) int hour,
      @ForAll @IntRange(min = 0, max = 70) int minute) {
    String keys = "start: \"%02d:%02d\"".formatted(hour, minute);
    if (hour < 24 && minute < 60) {
      assertThat(schedule(keys).start()).isEqualTo(LocalTime.of(hour, minute));
    } else {
      String pool = "pools: [{ name: p, instance_type: c7g.large, schedules: [{ name: s, ";
      assertThat(Configs.problems("version: '1'\n" + pool + keys + " }] }]")).hasSize(1);
    }
  }

  @Test
  void daysMayBeNumbersOrNames() {
    Set<DayOfWeek> weekend = Set.of(DayOfWeek.SATURDAY, DayOfWeek.SUNDAY);
    assertThat(schedule("days_of_week: [0, 6]").days()).isEqualTo(weekend);
    assertThat(schedule("days: [sat, sunday]").days()).isEqualTo(weekend);
    assertThat(schedule("start_hour: 8").days()).hasSize(7);
  }

  @Test
  void hoursAndTimesMayBeMixed() {
    ScheduleSpec schedule = schedule("start: 7:30, end_hour: 18");
    assertThat(schedule.start()).isEqualTo(LocalTime.of(7, 30));
    assertThat(schedule.end()).isEqualTo(LocalTime.of(18, 0));
  }

  @Test
  void aDefaultEnvironmentThatIsNotListedBesideOthersIsWarnedOf() {
    assertThat(said("environments: { prod: {} }\ndefaults: { environment: prd }"))
        .singleElement()
        .asString()
        .contains("warning: the default environment \"prd\" is not among environments")
        .contains("name one of prod");
    assertThat(said("environments: { prod: {} }\ndefaults: { environment: prod }")).isEmpty();
    assertThat(said("defaults: { environment: prd }")).isEmpty();
  }

  @Test
  void collectionsMayBeLeftEmpty() {
    FleetSpec fleet = fleet("environments:\n  prod:\nrunners:\npools:\n");
    assertThat(fleet.environment("prod")).contains(EnvironmentSpec.named("prod"));
    assertThat(fleet.pools()).isEmpty();
  }

  @Test
  void anchorsWithinReasonAreFine() {
    FleetSpec fleet =
        fleet(
            """
            runners:
              - { name: a, families: &arm [c7g, m7g] }
              - { name: b, families: *arm }
            """);
    assertThat(fleet.runner("b").orElseThrow().families()).containsExactly("c7g", "m7g");
  }

  @Test
  void apiAddressHasNoSlashAtItsEnd() {
    assertThat(
            load("github: { api_url: \"https://ghe.example.com/api/v3/\" }")
                .get(GitHubSpec.class)
                .apiUrl())
        .isEqualTo(URI.create("https://ghe.example.com/api/v3"));
  }

  /** The bar is 0.5 s for the whole command; this leaves room for slow machines. */
  @Test
  void twoThousandPoolsAreCheckedAtOnce() {
    StringBuilder yaml = new StringBuilder("runners:\n");
    for (int i = 0; i < 500; i++) {
      yaml.append("  - { name: runner-%d, cpu: [2, 4], families: [c7g] }\n".formatted(i));
    }
    yaml.append("pools:\n");
    for (int i = 0; i < 2_000; i++) {
      yaml.append(
          """
            - name: pool-%d
              runner: runner-%d
              desired_running: 2
              max: 50
              schedules:
                - { name: day, days_of_week: [1, 2, 3], start_hour: 8, end_hour: 18, desired_running: 4 }
                - { name: night, days: [thu], start: "22:30", end: "04:00", desired_running: 1 }
          """
              .formatted(i, i % 500));
    }
    String right = yaml.toString();
    assertThat(fleet(right).pools()).hasSize(2_000);

    assertThat(Configs.problems("version: '1'\n" + right.replace("runner: r", "runner: rr")))
        .hasSizeGreaterThanOrEqualTo(1_000);
  }

  private static List<String> said(String yaml) {
    return Configs.problems(Configs.load("version: '1'\n" + yaml)).stream()
        .map(Object::toString)
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"tables, x, tables", "bucket, muster-x, bucket", "runner_group, x, runner group"})
  void environmentsShareNeitherStateNorCacheNorRunnerGroup(String key, String value, String words) {
    String yaml =
        "environments:\n  dev: { %1$s: %2$s }\n  prod: { %1$s: %2$s }".formatted(key, value);
    assertThat(said(yaml))
        .singleElement()
        .asString()
        .contains(":4:")
        .contains("error: environment 'prod' has the " + words + " of environment 'dev'");
  }

  @Test
  void sharedNetworkAndProfileAreWarnedOf() {
    String yaml =
        """
        environments:
          dev: { regions: { eu-west-1: { subnets: [subnet-1], instance_profile: runner } } }
          prod: { regions: { eu-west-1: { subnets: [subnet-2, subnet-1], instance_profile: runner } } }
          other: { account_role: "arn:aws:iam::111122223333:role/m", regions: { eu-west-1: { subnets: [subnet-1] } } }
        """;
    assertThat(said(yaml))
        .hasSize(2)
        .anyMatch(line -> line.contains("warning: subnet 'subnet-1' is environment 'dev''s too"))
        .anyMatch(
            line -> line.contains("warning: instance profile 'runner' is environment 'dev''s too"));
    load(yaml);
  }

  @Test
  void budgetOfNothingIsRefusedWithTheWayOut() {
    assertThat(said("environments: { dev: { budget: { monthly_usd: 0 } } }"))
        .singleElement()
        .asString()
        .contains("monthly_usd")
        .contains("whole number from 1")
        .contains("muster pause environment");
  }
}
