package dev.muster.config;

import static dev.muster.config.Configs.load;
import static dev.muster.config.Configs.problems;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BadValuesTest {
  /** Line 1 is the version, so that a line number here is one less than in the problem. */
  private static List<String> after(String yaml) {
    return problems("version: '1'\n" + yaml);
  }

  private static List<String> schedule(String keys) {
    return after(
        """
        pools:
          - name: p
            instance_type: c7g.large
            schedules:
              - { name: s, %s }
        """
            .formatted(keys));
  }

  private static List<String> files(Map<String, String> contents) {
    TreeMap<String, byte[]> files = new TreeMap<>();
    contents.forEach((path, text) -> files.put(path, text.getBytes(StandardCharsets.UTF_8)));
    return problems(load(new ConfigTree(files)));
  }

  @ParameterizedTest
  @CsvSource({"'1'", "1", "'1.0'", "1.0", "\"1.0\""})
  void acceptEveryWritingOfTheVersion(String version) {
    assertThat(problems("version: " + version + "\n")).isEmpty();
  }

  @Test
  void refuseOtherVersions() {
    assertThat(problems("version: 2\n"))
        .containsExactly(
            "muster.yml:1:10: error: version: expected 1, 1.0, found \"2\" (did you mean \"1\"?)");
  }

  @Test
  void refuseMidnightAsTwentyFour() {
    assertThat(schedule("start_hour: 8, end_hour: 24"))
        .containsExactly(
            "muster.yml:6:45: error: pools[0].schedules[0].end_hour: there is no hour 24 (write 0: midnight is hour 0 of the next day)");
    assertThat(schedule("start: 08:00, end: 24:00"))
        .containsExactly(
            "muster.yml:6:39: error: pools[0].schedules[0].end: there is no 24:00 (write 00:00: midnight is 00:00 of the next day)");
    assertThat(schedule("start: \"24:00\"")).singleElement().asString().contains("write 00:00");
  }

  @Test
  void refuseTwoWritingsOfOneThing() {
    assertThat(schedule("start_hour: 8, start: 08:30"))
        .containsExactly(
            "muster.yml:6:35: error: schedule \"s\" has start beside start_hour (keep one of"
                + " them)");
    assertThat(schedule("end: 08:30, end_hour: 8"))
        .containsExactly(
            "muster.yml:6:20: error: schedule \"s\" has end beside end_hour (keep one of them)");
    assertThat(schedule("days: [mon], days_of_week: [1]"))
        .containsExactly(
            "muster.yml:6:20: error: schedule \"s\" has days beside days_of_week (keep one of"
                + " them)");
  }

  @Test
  void refuseSeventhDay() {
    assertThat(schedule("days_of_week: [1, 7]"))
        .containsExactly(
            "muster.yml:6:38: error: pools[0].schedules[0].days_of_week[1]: there is no day 7 (0 is Sunday, 6 is Saturday)");
    assertThat(schedule("days_of_week: []")).hasSize(1);
    assertThat(schedule("days: [mom]"))
        .singleElement()
        .asString()
        .endsWith("(did you mean \"mon\"?)");
  }

  @Test
  void refuseUnknownTimeZones() {
    assertThat(after("defaults: { time_zone: Europe/Berln }\n"))
        .containsExactly(
            "muster.yml:2:24: error: defaults.time_zone: unknown time zone \"Europe/Berln\" (did you"
                + " mean \"Europe/Berlin\"?)");
    assertThat(after("defaults: { time_zone: Middle-earth/Shire }\n"))
        .containsExactly(
            "muster.yml:2:24: error: defaults.time_zone: unknown time zone \"Middle-earth/Shire\" (a"
                + " name of the IANA database, as Europe/Berlin or UTC)");
  }

  @Test
  void refuseSecretsWithoutQuotingThem() {
    String config =
        """
        github:
          app:
            id: 1
            private_key: |
              -----BEGIN RSA PRIVATE KEY-----
              hunter2
          webhook_secret: [hunter2, { secret: "hunter2 with spaces" }]
        """;
    assertThat(after(config))
        .containsExactly(
            "muster.yml:5:18: error: github.app.private_key: a secret must not stand in the config"
                + " (write { secret: NAME } and put the value into secrets.yml of the appliance's"
                + " home)",
            "muster.yml:8:20: error: github.webhook_secret[0]: a secret must not stand in the config"
                + " (write { secret: NAME } and put the value into secrets.yml of the appliance's"
                + " home)",
            "muster.yml:8:39: error: github.webhook_secret[1]: not a name of a secret (a name has"
                + " letters, digits, '-', '_' and '.', at most 100; the value does not belong"
                + " here)")
        .noneMatch(problem -> problem.contains("hunter2"));
    for (String literal :
        List.of("{ hunter2 }", "{ value: hunter2 }", "[[hunter2]]", "{ secret: { hunter2: 1 } }")) {
      assertThat(after("github: { webhook_secret: " + literal + " }"))
          .isNotEmpty()
          .noneMatch(problem -> problem.contains("hunter2"));
    }
    assertThat(after("github: { api_url: \"https://me:hunter2@example.com\" }"))
        .singleElement()
        .asString()
        .contains("muster.yml:2:20: error: github.api_url:")
        .doesNotContain("hunter2");
  }

  @Test
  void refuseAThirdLiveWebhookSecret() {
    String secret = "{ secret: s }";
    assertThat(after("github: { webhook_secret: [%1$s, %1$s, %1$s] }".formatted(secret)))
        .containsExactly(
            "muster.yml:2:27: error: github.webhook_secret: expected at most 2 of them, found 3");
  }

  @Test
  void suggestNamesForReferences() {
    assertThat(
            after(
                """
                environments: { prod: { regions: { eu-west-1: } } }
                runners: [{ name: small-arm, arch: arm64 }]
                pools:
                  - { name: a, runner: smal-arm, environment: prodd }
                  - { name: b, runner: small-arm, environment: prod, region: eu-west-2 }
                """))
        .containsExactly(
            "muster.yml:5:24: error: pool \"a\" names the unknown runner \"smal-arm\" (did you mean"
                + " \"small-arm\"?)",
            "muster.yml:5:47: error: pool \"a\" names the unknown environment \"prodd\" (did you mean"
                + " \"prod\"?)",
            "muster.yml:6:62: error: pool \"b\" is in region \"eu-west-2\", which environment"
                + " \"prod\" does not have (did you mean \"eu-west-1\"?)");
  }

  @Test
  void refusePoolsWithoutRunnerOrWithTwo() {
    assertThat(
            after(
                """
                runners: [{ name: r }]
                pools:
                  - name: none
                  - { name: two, runner: r, instance_type: c7g.large }
                """))
        .containsExactly(
            "muster.yml:4:5: error: pool \"none\" has neither runner nor instance_type (say runner:"
                + " NAME, a name from runners)",
            "muster.yml:5:29: error: pool \"two\" has both runner and instance_type (keep one of"
                + " them)");
  }

  @Test
  void refuseMoreWarmRunnersThanMax() {
    assertThat(
            after(
                """
                runners: [{ name: r }]
                pools:
                  - name: p
                    runner: r
                    max: 5
                    desired_running: 3
                    desired_stopped: 3
                    schedules:
                      - { name: day, desired_stopped: 6 }
                """))
        .containsExactly(
            "muster.yml:7:22: error: pool \"p\" keeps 6 runners warm, more than the pool's max of 5"
                + " (raise max, or lower desired_running and desired_stopped)",
            "muster.yml:10:39: error: schedule \"day\" of pool \"p\" keeps 6 runners warm, more than"
                + " the pool's max of 5 (raise max, or lower desired_running and"
                + " desired_stopped)");
  }

  @Test
  void tellLocalAndEc2Apart() {
    assertThat(
            after(
                """
                runners:
                  - { name: a, provider: local, slots: 2 }
                  - { name: b, slots: 2, command: [run] }
                  - { name: c, provider: local, slots: 1, command: [run], disk: 10 }
                """))
        .containsExactly(
            "muster.yml:3:5: error: runner \"a\" is local and has no command (as command:"
                + " [/opt/actions-runner/run.sh])",
            "muster.yml:4:16: error: slots of runner \"b\" is for the provider local only (remove it,"
                + " or say provider: local)",
            "muster.yml:4:26: error: command of runner \"b\" is for the provider local only (remove"
                + " it, or say provider: local)",
            "muster.yml:5:59: warning: disk of runner \"c\" means nothing for the provider local"
                + " (remove it)");
  }

  @Test
  void warnOfMoreReadyRunnersThanSlots() {
    assertThat(
            after(
                """
                runners: [{ name: here, provider: local, slots: 2, command: [run] }]
                pools: [{ name: p, runner: here, desired_running: 3, max: 5 }]
                """))
        .containsExactly(
            "muster.yml:3:51: warning: pool \"p\" keeps 3 runners ready, its runner has 2 slots"
                + " (raise slots of the runner, or lower desired_running)");
  }

  @Test
  void refuseMachinesOfTheWrongArchitecture() {
    assertThat(
            after(
                """
                runners:
                  - { name: a, arch: arm64, instance_type: c7i.large }
                  - { name: b, families: [c7g, c7i] }
                  - { name: c, instance_type: c7g.large, instance_types: [c7g.xlarge] }
                  - { name: d, os: windows, arch: arm64 }
                  - { name: e, os: windows, families: [m7g] }
                """))
        .containsExactly(
            "muster.yml:3:44: error: instance_type of runner \"a\" is amd64, its arch is arm64 (say"
                + " arch: amd64, or choose others)",
            "muster.yml:4:26: error: families of runner \"b\" mixes arm64 and amd64 (make a runner"
                + " for each)",
            "muster.yml:5:42: error: runner \"c\" has both instance_type and instance_types (keep one"
                + " of them)",
            "muster.yml:6:35: error: runner \"d\" is Windows on arm64, which EC2 does not have (say"
                + " arch: amd64, with types of it)",
            "muster.yml:7:39: error: runner \"e\" is Windows on arm64, which EC2 does not have (say"
                + " arch: amd64, with types of it)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "cpu: 0; expected a whole number from 1 to 2048, found \"0\"",
        "cpu: [8, 4]; the range ends at 4, before it begins at 8",
        "cpu: [1, 2, 3]; expected the two ends of a range",
        "cpu: '4'; expected a whole number from 1 to 2048, found \"4\" (remove the quotes)",
        "cpu: 99999999999999999999; expected a whole number",
        "cpu: { a: b }; expected a range, found a map",
        "disk: 0; expected a whole number from 1 to 16384, found \"0\"",
        "disk: 20000; expected a whole number from 1 to 16384, found \"20000\"",
        "max_runtime: 6; (a whole number with s, m, h or d, as 90s or 6h)",
        "max_runtime: 0s; expected a duration from 1m to 35d",
        "os: Linux; (did you mean \"linux\"?)",
        "spot: yes; expected preferred, only, never, found \"yes\"",
        "private: yes; expected true or false, found \"yes\"",
        "labels: fast; expected a list, found \"fast\"",
        "labels: [a b]; expected a label, found \"a b\"",
        "image: ami-1; expected an image, found \"ami-1\"",
        "image: { owner: self }; name is missing",
        "image: { name: 'ssm:images/runner' }; the image of runner \"r\" is no path of a parameter",
        "image: { name: 'ssm:' }; the image of runner \"r\" is no path of a parameter (as ssm:/aws/",
        "image: { name: 'ssm:/a/b', owner: self }; an owner means nothing (remove owner)",
        "arch: ; expected arm64, amd64, found nothing",
      })
  void refuseWrongValues(String key, String message) {
    assertThat(after("runners: [{ name: r, " + key + " }]"))
        .singleElement()
        .asString()
        .startsWith("muster.yml:2:")
        .contains(message);
  }

  @Test
  void refuseARegionThatTakesOverFromItself() {
    assertThat(after("failover: { a: { to: [b, a] } }"))
        .containsExactly(
            "muster.yml:2:26: error: region \"a\" cannot take over from itself (name another"
                + " region)");
  }

  @Test
  void nameTheFirstPlaceOfANameGivenTwice() {
    assertThat(
            files(
                Map.of(
                    "muster.yml",
                    """
                    version: "1"
                    defaults: { region: a }
                    environments: { prod: }
                    runners: [{ name: r }]
                    pools:
                      - { name: p, runner: r }
                    """,
                    "muster.d/a.yml",
                    """
                    version: "1"
                    defaults: { region: b }
                    environments: { prod: }
                    runners: [{ name: r }]
                    """,
                    "muster.d/b.yml",
                    "pools: [{ name: p, runner: r }]",
                    "muster.d/deeper/c.yml",
                    "not: read",
                    "README.md",
                    "not: read")))
        .containsExactly(
            "muster.d/a.yml:2:11: error: defaults: given in two files (first at muster.yml:2:11)",
            "muster.d/a.yml:3:17: error: environments: the name \"prod\" is given twice (first at"
                + " muster.yml:3:17)",
            "muster.d/a.yml:4:19: error: runner \"r\" is given twice (first at muster.yml:4:19)",
            "muster.d/b.yml:1:17: error: pool \"p\" is given twice (first at muster.yml:6:13)");
  }

  @Test
  void sayOnceThatThereIsNoMainFile() {
    assertThat(files(Map.of("muster.d/a.yml", "pools: [{ name: p, runner: r }]")))
        .containsExactly(
            "muster.yml:0:0: error: no config found (the main file is one of muster.yml,"
                + " .github/muster.yml, .github/runs-fleet.yml)");
  }

  @Test
  void takeTheFirstMainFile() {
    assertThat(
            files(
                Map.of(
                    ".github/muster.yml", "version: '1'\n",
                    ".github/runs-fleet.yml", "nonsense: here\n")))
        .isEmpty();
  }

  @Test
  void doNotBlameReferencesIntoAFileThatCouldNotBeRead() {
    assertThat(
            files(
                Map.of(
                    "muster.yml", "version: '1'\npools: [{ name: p, runner: r, mx: 1 }]",
                    "muster.d/r.yml", "runners: [")))
        .satisfiesExactly(
            first -> assertThat(first).startsWith("muster.d/r.yml:1:11: error: not YAML"),
            second -> assertThat(second).contains("unknown key \"mx\" of a pool"));
    assertThat(after("runners: 7\npools: [{ name: p, runner: r }]")).hasSize(1);
  }

  @Test
  void reportEveryProblemAtOnceInTheOrderOfLines() {
    assertThat(
            problems(
                """
                versoin: "1"
                defaults: { max_runners: 0 }
                runners:
                  - nme: r
                pools:
                  - name: "with space"
                    runner: r
                    idle_timeout: 30
                """))
        .extracting(problem -> problem.substring(0, problem.indexOf(' ')))
        .containsExactly(
            "muster.yml:1:1:",
            "muster.yml:1:1:",
            "muster.yml:2:26:",
            "muster.yml:4:5:",
            "muster.yml:4:5:",
            "muster.yml:6:11:",
            "muster.yml:7:13:",
            "muster.yml:8:5:");
  }
}
