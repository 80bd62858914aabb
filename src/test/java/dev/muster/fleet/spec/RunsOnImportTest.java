package dev.muster.fleet.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.Configs;
import dev.muster.config.LoadResult;
import dev.muster.fleet.spec.RunsOnImport.Imported;
import dev.muster.fleet.spec.RunsOnImport.Unreadable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Objects;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class RunsOnImportTest {
  private static Imported translate(String text) {
    return (Imported) new RunsOnImport().translate("runs-on.yml", text);
  }

  private static String realistic() throws IOException {
    try (InputStream in = RunsOnImportTest.class.getResourceAsStream("/runs-on/runs-on.yml")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static FleetSpec load(String yaml) {
    LoadResult result = Configs.load(yaml);
    assertThat(Configs.problems(result)).as(yaml).isEmpty();
    return Configs.accepted(result).get(FleetSpec.class);
  }

  @Test
  void translatesPoolsAndSchedules() throws IOException {
    FleetSpec fleet = load(translate(realistic()).yaml());
    assertThat(fleet.pools())
        .extracting(PoolSpec::name)
        .containsExactly("default", "builtin", "elsewhere");

    PoolSpec pool = fleet.pool("default").orElseThrow();
    assertThat(pool.runner().name()).isEqualTo("small");
    assertThat(pool.environment()).isEqualTo("production");
    assertThat(pool.zone()).isEqualTo(ZoneId.of("Europe/Paris"));
    assertThat(pool.desiredRunning()).isZero();
    assertThat(pool.desiredStopped()).isEqualTo(2);
    assertThat(pool.schedules())
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
                1),
            new ScheduleSpec(
                "nights",
                Set.of(DayOfWeek.values()),
                LocalTime.of(22, 0),
                LocalTime.MIDNIGHT,
                1,
                5));
    assertThat(fleet.pool("builtin").orElseThrow().max()).isEqualTo(610);
  }

  @Test
  void translatesRunnersAndTheirImages() throws IOException {
    FleetSpec fleet = load(translate(realistic()).yaml());

    RunnerSpec small = fleet.runner("small").orElseThrow();
    assertThat(small.arch()).isEqualTo(Arch.ARM64);
    assertThat(small.cpu()).isEqualTo(new Range(2, 2));
    assertThat(small.ram()).isEqualTo(new Range(2, 8));
    assertThat(small.families()).containsExactly("c7g", "m7g");
    assertThat(small.image()).contains(new ImageRef("my-runner-arm64-*", "123456789012"));
    assertThat(small.disk()).isEqualTo(80);
    assertThat(small.spot()).isEqualTo(Spot.PREFERRED);
    assertThat(small.privateSubnet()).isTrue();

    RunnerSpec windows = fleet.runner("windows-builds").orElseThrow();
    assertThat(windows.os()).isEqualTo(Os.WINDOWS);
    assertThat(windows.image()).contains(new ImageRef("ami-0123456789abcdef0", "self"));
    assertThat(windows.spot()).isEqualTo(Spot.NEVER);
    assertThat(windows.disk()).isEqualTo(120);

    assertThat(fleet.runner("fixed").orElseThrow().instanceTypes())
        .containsExactly("c7i.large", "m7i.large");
    RunnerSpec builtIn = fleet.pool("builtin").orElseThrow().runner();
    assertThat(builtIn.cpu()).isEqualTo(new Range(8, 8));
    assertThat(builtIn.arch()).isEqualTo(Arch.ARM64);
  }

  @Test
  void listsWhatHasNoCounterpart() throws IOException {
    assertThat(translate(realistic()).withoutCounterpart())
        .containsExactly(
            "line 1: _extends has no counterpart",
            "line 2: admins has no counterpart",
            "line 10: images.arm-image.preinstall has no counterpart",
            "line 16: images.pinned.tags has no counterpart",
            "line 18: images.unused is an image of no runner and has no counterpart",
            "line 22: runners.small has the family c7i, which is not arm64",
            "line 22: runners.small has the volume 80gb:gp3:125mbps, of which only the size has a"
                + " counterpart",
            "line 22: runners.small has the spot strategy price-capacity-optimized; Muster chooses"
                + " by itself",
            "line 28: runners.small.retry has no counterpart",
            "line 29: runners.small.extras has no counterpart",
            "line 30: runners.small.ssh has no counterpart",
            "line 33: runners.windows builds is called windows-builds in Muster",
            "line 37: runners.windows builds.nested-virt has no counterpart",
            "line 38: runners.windows builds.sticky has no counterpart",
            "line 39: runners.windows builds.tags has no counterpart",
            "line 41: runners.fixed has the image ubuntu24-full-x64 of RunsOn; Muster's own takes"
                + " its place",
            "line 64: pools.default.schedule[3] is left out",
            "line 67: pools.default.schedule[3].match has the day someday, which has no"
                + " counterpart",
            "line 70: pools.builtin.max_surge has no counterpart",
            "line 74: pools.elsewhere names the runner shared-runner, which is not in this file;"
                + " one with 2 vCPU stands in",
            "line 76: pools.broken names no runner and is left out");
  }

  @Test
  void listsWhatNoMachineHas() {
    assertThat(
            translate(
                    """
                    runners:
                      big: { cpu: 2, volume: 20000gb }
                      bigger: { cpu: 2, volume: 70000gb }
                    pools:
                      p: { runner: 2cpu-windows-arm64 }
                    """)
                .withoutCounterpart())
        .containsExactly(
            "line 2: runners.big has the volume 20000gb; a disk has from 1 to 16,384 GiB",
            "line 3: runners.bigger has the volume 70000gb; a disk has from 1 to 16,384 GiB",
            "line 5: pools.p names the runner 2cpu-windows-arm64, which EC2 does not have; one"
                + " with 2 vCPU stands in");
  }

  @Test
  void saysWhereAFileIsNotYaml() {
    assertThat(new RunsOnImport().translate("runs-on.yml", "pools:\n\tx: 1\n"))
        .isInstanceOfSatisfying(
            Unreadable.class,
            unreadable ->
                assertThat(unreadable.problems())
                    .singleElement()
                    .asString()
                    .startsWith("runs-on.yml:2:1: error: not YAML"));
  }

  @Test
  void anEmptyFileBecomesAConfigOfNothing() {
    assertThat(load(translate("").yaml()).pools()).isEmpty();
  }

  /** Whatever stands in a runs-on.yml, what comes out loads, and nothing throws. */
  @Property(tries = 300)
  void whatComesOutLoads(
      @ForAll("values") String cpu,
      @ForAll("values") String family,
      @ForAll("values") String image,
      @ForAll("values") String volume,
      @ForAll("values") String runner,
      @ForAll("values") String schedule) {
    String yaml =
        """
        images: { a: { name: %3$s, arch: %1$s, owner: %2$s }, b: %3$s }
        runners:
          r: { cpu: %1$s, ram: %2$s, family: %2$s, image: %3$s, volume: %4$s, spot: %5$s }
          "r r": { image: a, family: %2$s, private: %1$s }
          r-r: %1$s
        pools:
          p: { runner: r, env: %5$s, timezone: %6$s, schedule: [{ name: %5$s, hot: %1$s, match: %6$s }] }
          q: { runner: %5$s, schedule: [{ match: { day: %6$s } }, { match: { time: %6$s } }, %1$s] }
        """
            .formatted(cpu, family, image, volume, runner, schedule);
    load(translate(yaml).yaml());
  }

  @Provide
  Arbitrary<String> values() {
    return Arbitraries.oneOf(
        Arbitraries.of(
            "2",
            "0",
            "[4, 2]",
            "9999",
            "2+8",
            "c7g",
            "[c7g.large, m7i]",
            "c7*",
            "a",
            "b",
            "true",
            "80gb:gp3",
            "20000gb",
            "70000gb",
            "2cpu-windows-arm64",
            "0gb",
            "ubuntu22-full-arm64",
            "2cpu-windows-x64",
            "r",
            "r-r",
            "[monday, x]",
            "[\"08:00\", \"24:00\"]",
            "[\"25:00\", \"1\"]",
            "{ day: monday }",
            "{ time: x }",
            "Europe/Paris",
            "~",
            "{}",
            "[]",
            "[[]]",
            "\"\""),
        Arbitraries.strings()
            .withCharRange(' ', '~')
            .ofMaxLength(12)
            .map(text -> RunsOnNames.quoted(text)));
  }
}
