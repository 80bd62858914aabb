package dev.muster.fleet.compute.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.muster.fleet.compute.HourlyPrice;
import dev.muster.fleet.compute.Offer;
import dev.muster.fleet.spec.Arch;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.Environments;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.notice.Finding;
import dev.muster.kernel.store.StoreFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What muster doctor and the prices say of EC2. */
class Ec2DoctorTest {
  private static final String REGION = "eu-west-1";
  private static final String ALL = "; ami/cloudformation/appliance.yaml has all";
  private static final RunnerSpec SPEC =
      Specs.linux(Arch.ARM64, 4, 8, 8, 32).families("c7g").build();

  @TempDir private Path folder;
  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private final FakeEc2 ec2 = new FakeEc2(time);
  private final FakeSsm ssm = new FakeSsm();
  private RunnerSpec spec = SPEC;
  private EnvironmentSpec environment = environment(List.of("subnet-a", "subnet-b"));
  @AutoClose private StoreFixture store;

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder, new AuditLog(time));
    image("2026-02-20T08:00:00.000Z");
  }

  @Test
  void findsNothingWrongWhereAllIsAllowed() {
    assertThat(examine()).allMatch(finding -> finding.ok() && finding.mend().isEmpty());
    assertThat(examine())
        .extracting(Finding::detail)
        .contains("reached, and the clocks agree", "2 of 2 have free addresses, in 2 zones");
    assertThat(ec2.calls()).contains("RunInstances").doesNotContain("CreateFleet");
  }

  @Test
  void namesThePermissionThatIsMissingAndWhoLacksIt() {
    ec2.deny("RunInstances");
    ec2.deny("DescribeSpotPriceHistory");
    assertThat(examine())
        .filteredOn(finding -> !finding.ok())
        .extracting(Finding::check, finding -> finding.mend().orElseThrow())
        .containsExactly(
            tuple(
                "ec2:DescribeSpotPriceHistory in eu-west-1 for dev",
                "allow ec2:DescribeSpotPriceHistory to the appliance's role" + ALL),
            tuple(
                "ec2:RunInstances in eu-west-1 for dev, runner spec",
                "allow ec2:RunInstances to the appliance's role" + ALL));
  }

  @Test
  void entranceThatIsShutIsSaidOnce() {
    ec2.failNext(FakeEc2.error(401, "AuthFailure", "AWS was not able to validate the credentials"));
    assertThat(examine())
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.ok()).isFalse();
          assertThat(finding.detail()).contains("AuthFailure");
        });
  }

  @Test
  void parameterThatMustNotBeReadIsNamed() {
    spec = Specs.linux(Arch.ARM64, 4, 8, 8, 32).image("ssm:/images/runner", "self").build();
    ssm.denied.add("/images/runner");
    assertThat(image(examine()).ok()).isFalse();
    assertThat(image(examine()).detail())
        .contains("allow ssm:GetParameter on it to the appliance's role");
    ssm.denied.clear();
    ssm.parameters.put("/images/runner", "ami-00000001");
    assertThat(image(examine()).detail()).isEqualTo("ami-00000001 is 9 days old");
  }

  @Test
  void agesOfImagesWarnAndThenFail() {
    time.pass(Duration.ofDays(11));
    ec2.clockSays("Thu, 12 Mar 2026 12:00:00 GMT");
    assertThat(image(examine()))
        .satisfies(finding -> {
          assertThat(finding.ok()).isTrue();
          assertThat(finding.detail()).isEqualTo("ami-00000001 is 20 days old");
          assertThat(finding.mend().orElseThrow()).contains("packer");
        });
    time.pass(Duration.ofDays(10));
    ec2.clockSays("Sun, 22 Mar 2026 12:00:00 GMT");
    assertThat(image(examine()).ok()).isFalse();
  }

  @Test
  void clockThatIsOffIsFoundOut() {
    ec2.clockSays("Sun, 01 Mar 2026 12:10:00 GMT");
    assertThat(examine())
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.ok()).isFalse();
          assertThat(finding.detail()).contains("differs from AWS's by 600 s");
        });
  }

  @Test
  void missingNetworkAndFullSubnetsAreNamed() {
    ec2.subnet("subnet-a", 0);
    assertThat(examine())
        .anySatisfy(finding -> {
          assertThat(finding.detail()).isEqualTo("1 of 2 have free addresses, in 1 zone");
          assertThat(finding.mend()).isPresent();
        });
    environment = environment(List.of());
    assertThat(examine())
        .singleElement()
        .satisfies(finding ->
            assertThat(finding.mend().orElseThrow())
                .contains("environments.dev.regions.eu-west-1.subnets"));
  }

  @Test
  void pricesAreTheTablesTheMarketsOrEstimated() throws InterruptedException {
    Offer onDemand = new Offer("c7g.xlarge", "us-east-1a", false);
    assertThat(provider().price("us-east-1", onDemand, Os.LINUX))
        .contains(new HourlyPrice(145_000, false));
    assertThat(provider().price(REGION, onDemand, Os.LINUX))
        .contains(new HourlyPrice(145_000, true));
    assertThat(provider().price(REGION, new Offer("c7g.xlarge", "eu-west-1a", true), Os.LINUX))
        .contains(new HourlyPrice(58_100, false));
    assertThat(provider().price("us-east-1", new Offer("m7i.xlarge", "a", false), Os.WINDOWS))
        .as("the licence is by the vCPU")
        .contains(new HourlyPrice(201_600 + 4 * 46_000, false));
    assertThat(provider().price(REGION, new Offer("z99.large", "eu-west-1a", false), Os.LINUX))
        .isEmpty();
    assertThat(provider().price("us-east-1", SPEC)).contains(new HourlyPrice(145_000, false));
  }

  @Test
  void spotWithoutAHistoryCountsAsOnDemand() throws InterruptedException {
    ec2.failNext(FakeEc2.error(403, "UnauthorizedOperation", "no"));
    assertThat(provider().price("us-east-1", new Offer("c7g.xlarge", "a", true), Os.LINUX))
        .contains(new HourlyPrice(145_000, true));
  }

  private static Finding image(List<Finding> findings) {
    return findings.stream()
        .filter(finding -> finding.check().startsWith("image of"))
        .findFirst()
        .orElseThrow();
  }

  private List<Finding> examine() {
    return provider().examine(List.of(pool()));
  }

  private void image(String created) {
    ec2.image("ami-00000001", "muster-runner-linux-arm64-1", "111", "arm64", created);
  }

  private Ec2ComputeProvider provider() {
    return new Ec2ComputeProvider(
        () -> Optional.of(config()),
        new OneAccount(ec2, ssm),
        new Ec2Records(store.database(), store.writer()),
        time);
  }

  private PoolSpec pool() {
    return new PoolSpec(
        "default",
        spec,
        "dev",
        REGION,
        0,
        0,
        10,
        Duration.ofMinutes(30),
        ZoneOffset.UTC,
        List.of(),
        10,
        false);
  }

  private FleetSpec config() {
    return new FleetSpec(
        new FleetSpec.Defaults(Provider.EC2, "dev", REGION, ZoneOffset.UTC, 100),
        List.of(spec),
        Map.of("dev", environment),
        List.of(pool()));
  }

  private static EnvironmentSpec environment(List<String> subnets) {
    return Environments.named("dev")
        .region(REGION, subnets, List.of("sg-1"), Optional.empty())
        .region("us-east-1", subnets, List.of("sg-1"), Optional.empty())
        .spec();
  }
}
