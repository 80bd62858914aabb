package dev.muster.fleet.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.spec.Arch;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.Environments;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.ImageRef;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.Range;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.fleet.spec.Spot;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MatchingTest {
  private static final RunnerSpec LINUX = spec("linux", Os.LINUX, Arch.ARM64, List.of("gpu"));
  private static final RunnerSpec WINDOWS = spec("win", Os.WINDOWS, Arch.AMD64, List.of());
  private static final PoolSpec POOL = pool("default", LINUX, "dev", "eu-west-1");
  private final Matching matching = new Matching(fleet(Provider.EC2));

  @Test
  void marksThatNameARunnerOrAPoolAreServedByThePool() {
    assertThat(served("muster/runner=linux")).isEqualTo(POOL);
    assertThat(served("muster/pool=default")).isEqualTo(POOL);
    assertThat(served("runs-fleet=7/runner=linux/pool=default/region=eu-west-1/env=dev"))
        .isEqualTo(POOL);
    assertThat(served("muster")).isEqualTo(POOL);
  }

  @Test
  void unmarkedJobIsOursWhenALabelNamesASpecOrIsOneOfItsLabels() {
    assertThat(served("self-hosted", "LINUX")).isEqualTo(POOL);
    assertThat(served("gpu")).isEqualTo(POOL);
    assertThat(match(job("ubuntu-latest"))).isInstanceOf(Match.NotOurs.class);
    assertThat(match(job())).isInstanceOf(Match.NotOurs.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "muster/runner=nosuch",
        "muster/pool=nosuch",
        "muster/env=nosuch",
        "muster/image=nosuch",
        "muster/cpu=0",
        "muster/cpu=8+4",
        "muster/ram=-1",
        "muster/pool=default/env=prod",
        "muster/pool=default/region=us-east-1",
        "muster/env=prod/region=eu-west-1",
        "muster/region=nowhere",
        "muster/runner=linux/disk=300/region=nowhere",
        "muster/runner=linux/os=windows",
        "muster/runner=linux/arch=amd64",
        "muster/pool=default/runner=win/os=linux"
      })
  void whatCannotBeServedIsRejectedWithAReason(String label) {
    assertThat(rejected(job(label))).isNotBlank();
  }

  @Test
  void reasonsSuggestWhatWasMeant() {
    assertThat(rejected(job("muster/runner=linuz"))).contains("did you mean 'linux'");
    assertThat(rejected(job("muster/pool=defualt"))).contains("did you mean 'default'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"4cpu-windows-x64", "windows-amd64", "8cpu-big-windows-x64"})
  void namesThatEndInWindowsSelectWindows(String name) {
    PoolSpec pool = served("muster/runner=" + name);
    assertThat(pool.runner().os()).isEqualTo(Os.WINDOWS);
    assertThat(pool.runner().arch()).isEqualTo(Arch.AMD64);
  }

  @Test
  void speakingNamesSayTheirSizeAndAreOnlyForTheCloud() {
    assertThat(served("muster/runner=16cpu-linux-arm64").runner().cpu())
        .isEqualTo(new Range(16, 16));
    assertThat(
            new Matching(fleet(Provider.LOCAL)).match(job("muster/runner=4cpu-linux-arm64"), false))
        .isInstanceOf(Match.Rejected.class);
    String endless = "a-".repeat(100) + "linux-arm64";
    assertThat(rejected(job("muster/runner=" + endless))).contains("there is no runner");
  }

  @Test
  void labelsRefineWhatTheSpecSays() {
    RunnerSpec spec =
        served(
                "muster/runner=linux/cpu=4/ram=8/family=c7g/gen=7/disk=100/spot=false/private=true"
                    + "/max-runtime=1h")
            .runner();
    assertThat(spec.cpu()).isEqualTo(new Range(4, 8));
    assertThat(spec.ram().min()).isEqualTo(8);
    assertThat(spec.families()).containsExactly("c7g");
    assertThat(spec.generation()).hasValue(7);
    assertThat(spec.disk()).isEqualTo(100);
    assertThat(spec.spot()).isEqualTo(Spot.NEVER);
    assertThat(spec.privateSubnet()).isTrue();
    assertThat(spec.maxRuntime()).isEqualTo(Duration.ofHours(1));
    assertThat(served("muster/runner=linux/image=ubuntu-*")).isEqualTo(POOL);
  }

  @Test
  void environmentsServeTheirRepositoriesOnly() {
    JobFacts foreign = facts("stranger/hello", true, "muster/runner=linux");
    assertThat(rejected(foreign)).contains("does not serve repository stranger/hello");
    JobFacts nested = facts("acme/hello/evil", true, "muster/runner=linux");
    assertThat(rejected(nested)).contains("does not serve");
    assertThat(match(facts("ACME/hello", true, "muster/runner=linux")))
        .isInstanceOf(Match.Served.class);
    assertThat(match(facts("stranger/hello", true, "muster/runner=linux/env=prod")))
        .isInstanceOf(Match.Served.class);
  }

  @Test
  void publicRepositoriesNeedAnEnvironmentThatAllowsThem() {
    assertThat(rejected(facts("acme/hello", false, "muster/runner=linux"))).contains("is public");
    assertThat(match(facts("acme/hello", false, "muster/runner=linux/env=prod")))
        .isInstanceOf(Match.Served.class);
  }

  @Test
  void adHocPoolsAreTheSameForTheSameLabelsAndApartForOthers() {
    PoolSpec one = served("muster=1/runner=linux/cpu=4");
    assertThat(one.adHoc()).isTrue();
    assertThat(one.name()).startsWith("~");
    assertThat(new Matching(fleet(Provider.EC2)).match(job("muster=2/cpu=4/runner=linux"), false))
        .isEqualTo(new Match.Served(one, false));
    assertThat(served("muster=1/runner=linux/cpu=5").name()).isNotEqualTo(one.name());
    assertThat(served("muster=1/runner=linux/pool=default/cpu=4").name()).startsWith("default~");
    assertThat(served("muster=1/runner=linux/env=prod").name()).contains("prod", "us-east-1");
  }

  @Test
  void namesOfAdHocPoolsAreNeverLongerThanARowHasRoomForAndNeverTheSame() {
    String runner = "r".repeat(100);
    String region = "g".repeat(60);
    Set<String> names = new HashSet<>();
    for (String environment : List.of("e".repeat(99) + "1", "e".repeat(99) + "2")) {
      for (int cpu = 4; cpu < 6; cpu++) {
        PoolSpec pool = longest(runner, environment, region, cpu);
        assertThat(pool.name()).startsWith("~" + runner).hasSizeLessThanOrEqualTo(200);
        assertThat(pool.environment()).isEqualTo(environment);
        assertThat(longest(runner, environment, region, cpu)).isEqualTo(pool);
        names.add(pool.name());
      }
    }
    assertThat(names).as("of two environments and two specs").hasSize(4);
  }

  /** The pool of a job where runners, environments and regions have these names. */
  private static PoolSpec longest(String runner, String environment, String region, int cpu) {
    FleetSpec fleet =
        new FleetSpec(
            new FleetSpec.Defaults(Provider.EC2, environment, region, ZoneId.of("UTC"), 100),
            List.of(spec(runner, Os.LINUX, Arch.ARM64, List.of())),
            Map.of(environment, EnvironmentSpec.named(environment)),
            List.of());
    Match match = new Matching(fleet).match(job("muster/runner=" + runner + "/cpu=" + cpu), false);
    assertThat(match).isInstanceOf(Match.Served.class);
    return ((Match.Served) match).pool();
  }

  @Test
  void jobThatWasLostWithItsMachineGetsNoSpotCapacity() {
    PoolSpec pool = servedOnDemand("muster/pool=default");
    assertThat(pool.name()).startsWith("default~");
    assertThat(pool.runner().spot()).isEqualTo(Spot.NEVER);
    assertThat(servedOnDemand("muster/runner=linux/spot=true").runner().spot())
        .isEqualTo(Spot.NEVER);
    assertThat(servedOnDemand("muster/pool=default/spot=false"))
        .as("it asked for none before")
        .isEqualTo(served("muster/pool=default/spot=false"));
  }

  private PoolSpec servedOnDemand(String label) {
    Match match = matching.match(job(label), true);
    assertThat(match).isInstanceOf(Match.Served.class);
    return ((Match.Served) match).pool();
  }

  @Test
  void familyIsServedByASpecThatAllowsAnyFamily() {
    assertThat(served("muster/family=c7g").runner().name()).isEqualTo("linux");
  }

  private Match match(JobFacts job) {
    return matching.match(job, false);
  }

  private PoolSpec served(String... labels) {
    Match match = match(job(labels));
    assertThat(match).isInstanceOf(Match.Served.class);
    return ((Match.Served) match).pool();
  }

  private String rejected(JobFacts job) {
    Match match = match(job);
    assertThat(match).isInstanceOf(Match.Rejected.class);
    return ((Match.Rejected) match).reason();
  }

  private static JobFacts job(String... labels) {
    return facts("acme/hello", true, labels);
  }

  private static JobFacts facts(String repository, boolean closed, String... labels) {
    return new JobFacts(
        new JobId(1),
        1,
        1,
        repository,
        "build",
        Optional.empty(),
        List.of(labels),
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty(),
        closed,
        Instant.EPOCH);
  }

  private static FleetSpec fleet(Provider provider) {
    EnvironmentSpec dev = Environments.named("dev").repositories("acme/*").spec();
    EnvironmentSpec prod = Environments.named("prod").region("us-east-1").allow(true, false).spec();
    return new FleetSpec(
        new FleetSpec.Defaults(provider, "dev", "eu-west-1", ZoneId.of("UTC"), 100),
        List.of(LINUX, WINDOWS),
        Map.of("dev", dev, "prod", prod),
        List.of(POOL));
  }

  private static RunnerSpec spec(String name, Os os, Arch arch, List<String> labels) {
    return new RunnerSpec(
        name,
        Provider.EC2,
        os,
        arch,
        new Range(2, 8),
        new Range(4, 64),
        List.of(),
        List.of(),
        OptionalInt.empty(),
        64,
        Optional.of(new ImageRef("ubuntu-*", "amazon")),
        Spot.PREFERRED,
        Duration.ofHours(6),
        labels,
        0,
        List.of(),
        false,
        false);
  }

  private static PoolSpec pool(String name, RunnerSpec spec, String environment, String region) {
    return new PoolSpec(
        name,
        spec,
        environment,
        region,
        1,
        0,
        10,
        Duration.ofMinutes(30),
        ZoneId.of("UTC"),
        List.of(),
        10,
        false);
  }
}
