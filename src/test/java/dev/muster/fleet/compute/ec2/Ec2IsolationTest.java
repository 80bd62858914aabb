package dev.muster.fleet.compute.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.fleet.compute.Instance;
import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.compute.LaunchResult;
import dev.muster.fleet.compute.Listing;
import dev.muster.fleet.compute.Machine;
import dev.muster.fleet.spec.Arch;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.Environments;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.store.StoreFixture;
import java.net.URI;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.CreateFleetRequest;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateOverridesRequest;
import software.amazon.awssdk.services.ec2.model.RequestLaunchTemplateData;
import software.amazon.awssdk.services.ssm.SsmClient;

/** Environments in accounts and networks of their own: none is ever entered for another one. */
class Ec2IsolationTest {
  private static final List<String> NAMES = List.of("dev", "ops", "prod");
  private static final List<String> REGIONS = List.of("eu-west-1", "us-east-1");

  @TempDir private Path folder;
  private final VirtualTime time = new VirtualTime("2026-03-04T12:00:00Z");

  /** By region and role. */
  private final Map<String, FakeEc2> accounts = new HashMap<>();

  private final Ec2ClientSource clients =
      new Ec2ClientSource() {
        @Override
        public Ec2Client of(String region, Optional<String> role) {
          return account(region, role.orElse(""));
        }

        @Override
        public SsmClient parameters(String region, Optional<String> role) {
          return new FakeSsm();
        }
      };

  private FakeEc2 account(String region, String role) {
    return accounts.computeIfAbsent(
        region + " " + role,
        where -> {
          FakeEc2 ec2 = new FakeEc2(time);
          ec2.room(1_000, 1_000);
          ec2.image("ami-00000001", "muster-runner-linux-arm64-1", "111", "arm64", "2026-01-01");
          return ec2;
        });
  }

  /** The first is in the appliance's own account. */
  private static String role(String environment) {
    return environment.equals("dev") ? "" : "arn:aws:iam::111122223333:role/" + environment;
  }

  private static EnvironmentSpec environment(String name) {
    Environments environment =
        Environments.named(name)
            .role(Optional.of(role(name)).filter(r -> !r.isEmpty()))
            .tags(Map.of("Of", name));
    for (String region : REGIONS) {
      environment.region(
          region,
          List.of(
              "subnet-%s-%s-1".formatted(name, region), "subnet-%s-%s-2".formatted(name, region)),
          List.of("sg-" + name),
          Optional.of("profile-" + name));
    }
    return environment.spec();
  }

  @Test
  void anAccountThatCannotBeEnteredHidesNoMachinesOfOthers() throws InterruptedException {
    try (StoreFixture store = StoreFixture.open(folder, new AuditLog(time))) {
      Ec2ComputeProvider provider = provider(store);
      LaunchResult.Launched made = (LaunchResult.Launched) launch(provider, 3, "dev", "eu-west-1");
      account("eu-west-1", role("prod")).failNext(denied());
      assertThat(provider.list("eu-west-1").machines())
          .extracting(Instance::id)
          .containsExactly(made.machines().getFirst().id());
      NAMES.forEach(name -> account("eu-west-1", role(name)).failNext(denied()));
      assertThatThrownBy(() -> provider.list("eu-west-1")).isInstanceOf(StalledException.class);
    }
  }

  @Test
  void anAccountThatCannotBeEnteredAnyMoreHidesItsMachinesAlone() throws InterruptedException {
    try (StoreFixture store = StoreFixture.open(folder, new AuditLog(time))) {
      Ec2ComputeProvider provider = provider(store);
      // Accounts count for themselves: another id than in the other one.
      provider.terminate("eu-west-1", List.of(id(launch(provider, 0, "prod", "eu-west-1"))));
      String dev = id(launch(provider, 3, "dev", "eu-west-1"));
      String prod = id(launch(provider, 6, "prod", "eu-west-1"));
      RunnerRow.of(store, "launch-%016d".formatted(6), "eu-west-1", time.instant());
      account("eu-west-1", role("prod")).failNext(denied());
      Listing listing = provider.list("eu-west-1");
      assertThat(listing.machines()).extracting(Instance::id).containsExactly(dev);
      assertThat(listing.hidden())
          .singleElement()
          .satisfies(hidden -> {
            assertThat(hidden.launches()).containsExactly("launch-%016d".formatted(6));
            assertThat(hidden.why())
                .contains("eu-west-1", role("prod"), "AccessDenied", "allow it");
          });
      account("eu-west-1", role("prod")).failNext(denied());
      assertThatThrownBy(() -> provider.terminate("eu-west-1", List.of(prod, dev)))
          .isInstanceOf(StalledException.class);
      assertThat(provider.list("eu-west-1").machines())
          .as("what could be ended is")
          .extracting(Instance::id)
          .containsExactly(prod);
    }
  }

  private static String id(LaunchResult result) {
    return ((LaunchResult.Launched) result).machines().getFirst().id();
  }

  private static RuntimeException denied() {
    return FakeEc2.error(403, "AccessDenied", "not authorized to perform: sts:AssumeRole");
  }

  private Ec2ComputeProvider provider(StoreFixture store) {
    Map<String, EnvironmentSpec> environments = new HashMap<>();
    NAMES.forEach(name -> environments.put(name, environment(name)));
    FleetSpec config =
        new FleetSpec(
            new FleetSpec.Defaults(Provider.EC2, "dev", "eu-west-1", ZoneOffset.UTC, 100),
            List.of(),
            environments,
            List.of());
    return new Ec2ComputeProvider(
        () -> Optional.of(config), clients, new Ec2Records(store.database(), store.writer()), time);
  }

  private static LaunchResult launch(
      Ec2ComputeProvider provider, int number, String environment, String region)
      throws InterruptedException {
    RunnerSpec spec = Specs.linux(Arch.ARM64, 4, 8, 8, 32).families("c7g", "m7g").build();
    return provider.launch(
        new LaunchRequest(
            "launch-%016d".formatted(number),
            "pool",
            environment,
            region,
            spec,
            1 + number % 3,
            number % 2 == 0,
            URI.create("http://127.0.0.1:1/")),
        "secret");
  }

  @Test
  void everyLaunchStartAndEndIsInItsOwnEnvironment() throws InterruptedException {
    Random random = new Random(11);
    List<String> all = new ArrayList<>();
    try (StoreFixture store = StoreFixture.open(folder, new AuditLog(time))) {
      Ec2ComputeProvider provider = provider(store);
      for (int i = 0; i < 60; i++) {
        String environment = NAMES.get(random.nextInt(3));
        String region = REGIONS.get(random.nextInt(2));
        LaunchResult result = launch(provider, i, environment, region);
        List<String> made =
            ((LaunchResult.Launched) result).machines().stream().map(Machine::id).toList();
        FakeEc2 own = account(region, role(environment));
        assertThat(made)
            .allSatisfy(id ->
                assertThat(own.tags(id))
                    .containsEntry("Environment", environment)
                    .containsEntry("Of", environment));
        all.addAll(made);
      }
    }
    assertThat(all).hasSizeGreaterThan(60);
    accounts.forEach((where, ec2) -> {
      String region = where.substring(0, where.indexOf(' '));
      String name =
          NAMES.stream()
              .filter(n -> where.equals(region + " " + role(n)))
              .findFirst()
              .orElseThrow();
      for (CreateFleetRequest fleet : ec2.fleets()) {
        var fleetConfig = fleet.launchTemplateConfigs().getFirst();
        assertThat(fleetConfig.overrides())
            .extracting(FleetLaunchTemplateOverridesRequest::subnetId)
            .allMatch(subnet -> subnet.startsWith("subnet-%s-%s-".formatted(name, region)));
        RequestLaunchTemplateData template =
            ec2.template(fleetConfig.launchTemplateSpecification().launchTemplateName());
        assertThat(template.iamInstanceProfile().name()).isEqualTo("profile-" + name);
        assertThat(template.networkInterfaces().getFirst().groups()).containsExactly("sg-" + name);
      }
    });
  }
}
