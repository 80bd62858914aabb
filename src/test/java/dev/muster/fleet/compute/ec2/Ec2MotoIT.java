package dev.muster.fleet.compute.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.compute.Instance;
import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.compute.LaunchResult;
import dev.muster.fleet.compute.Throttles;
import dev.muster.fleet.spec.Arch;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.Environments;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.aws.AwsAccess;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.store.StoreFixture;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.InstanceAttributeName;
import software.amazon.awssdk.services.ec2.model.Subnet;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.services.ssm.model.ParameterType;

/** The provider against an emulator of EC2 that we did not write. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Ec2MotoIT {
  private static final String REGION = "eu-west-1";

  @TempDir private Path folder;
  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private Ec2Client ec2;
  private SsmClient ssm;
  private URI url = URI.create("");
  @AutoClose private StoreFixture store;
  private List<String> subnets = List.of();
  private String image = "";
  private String group = "";
  private int launches;

  @BeforeAll
  void startMoto() throws Exception {
    MotoServer moto = MotoServer.start();
    opened.push(moto);
    url = moto.url();
    ec2 = moto.ec2(REGION);
    opened.push(ec2);
    ssm =
        SsmClient.builder()
            .httpClient(Apache5HttpClient.create())
            .endpointOverride(moto.url())
            .region(Region.of(REGION))
            .credentialsProvider(MotoServer.CREDENTIALS)
            .build();
    opened.push(ssm);
    subnets = ec2.describeSubnets().subnets().stream().map(Subnet::subnetId).sorted().toList();
    group = ec2.describeSecurityGroups().securityGroups().getFirst().groupId();
    image = MotoServer.runnerImage(ec2);
  }

  @AfterAll
  void stopMoto() throws Exception {
    for (AutoCloseable part : opened) {
      part.close();
    }
  }

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder, new AuditLog(time));
  }

  @Test
  void launchesListsStopsStartsAndTerminates() throws InterruptedException {
    Ec2ComputeProvider provider = provider();
    LaunchRequest request = request(3);
    LaunchResult result = provider.launch(request, "the-secret");
    assertThat(result).isInstanceOf(LaunchResult.Launched.class);
    List<String> made = ((LaunchResult.Launched) result).instances();
    assertThat(made).hasSize(3).doesNotHaveDuplicates();

    assertThat(provider.list(REGION).machines())
        .extracting(Instance::id)
        .containsExactlyInAnyOrderElementsOf(made);
    assertThat(provider.list(REGION).machines())
        .extracting(Instance::launch)
        .containsOnly(Optional.of(request.launch()));

    provider.stop(REGION, made);
    assertThat(provider.list(REGION).machines())
        .extracting(Instance::state)
        .containsOnly(Instance.State.STOPPED);
    provider.start(REGION, made);
    assertThat(provider.list(REGION).machines())
        .extracting(Instance::state)
        .containsOnly(Instance.State.RUNNING);

    provider.terminate(REGION, List.of(made.getFirst(), "i-0123456789abcdef0"));
    assertThat(provider.list(REGION).machines()).hasSize(2);
    provider.terminate(REGION, made);
    assertThat(provider.list(REGION).machines()).isEmpty();
  }

  @Test
  void machinesAreAsTheTemplateSays() throws InterruptedException {
    LaunchResult result = provider().launch(request(1), "the-secret");
    String id = ((LaunchResult.Launched) result).instances().getFirst();
    var machine =
        ec2.describeInstances(request -> request.instanceIds(id))
            .reservations()
            .getFirst()
            .instances()
            .getFirst();
    assertThat(machine.imageId()).isEqualTo(image);
    assertThat(machine.instanceTypeAsString()).matches("[cm][5-9].*xlarge");
    assertThat(subnets).contains(machine.subnetId());
    assertThat(machine.tags())
        .anyMatch(tag -> tag.key().equals("muster:pool") && tag.value().equals("default"))
        .anyMatch(tag -> tag.key().equals("CostCentre") && tag.value().equals("ci"));
    String userData =
        ec2.describeInstanceAttribute(
                request -> request.instanceId(id).attribute(InstanceAttributeName.USER_DATA))
            .userData()
            .value();
    assertThat(new String(Base64.getDecoder().decode(userData), StandardCharsets.UTF_8))
        .startsWith("#cloud-config")
        .contains("/etc/muster/launch.json");
  }

  @Test
  void findsTheImageThatAParameterNames() throws InterruptedException {
    ssm.putParameter(
        request -> request.name("/images/runner").value(image).type(ParameterType.STRING));
    Specs spec = Specs.linux(Arch.AMD64, 4, 4, 8, 16).families("c7i", "m7i");
    LaunchResult result =
        provider().launch(request(spec.image("ssm:/images/runner", "self").build(), 1), "s");
    String id = ((LaunchResult.Launched) result).instances().getFirst();
    assertThat(
            ec2.describeInstances(request -> request.instanceIds(id))
                .reservations()
                .getFirst()
                .instances()
                .getFirst()
                .imageId())
        .isEqualTo(image);
    assertThat(provider().launch(request(spec.image("ssm:/images/none", "self").build(), 1), "s"))
        .isInstanceOfSatisfying(
            LaunchResult.Refused.class,
            refused -> assertThat(refused.reason()).contains("no parameter /images/none"));
  }

  @Test
  void parametersAreThoseOfTheAccountThatTheRoleEnters() {
    Optional<String> role = Optional.of("arn:aws:iam::111122223333:role/muster");
    try (SdkSettings _ = SdkSettings.towards(url);
        AwsAccess aws = new AwsAccess();
        Ec2Clients clients = new Ec2Clients(aws, new Throttles(time), time)) {
      SsmClient own = clients.parameters(REGION, Optional.empty());
      SsmClient other = clients.parameters(REGION, role);
      own.putParameter(r -> r.name("/who").value("own").type(ParameterType.STRING));
      other.putParameter(r -> r.name("/who").value("other").type(ParameterType.STRING));
      assertThat(own.getParameter(r -> r.name("/who")).parameter().value()).isEqualTo("own");
      assertThat(other.getParameter(r -> r.name("/who")).parameter().value()).isEqualTo("other");
      assertThat(clients.parameters(REGION, role)).isSameAs(other);
    }
  }

  @Test
  void leavesTheMachinesOfOthersAlone() throws InterruptedException {
    String other =
        ec2.runInstances(request -> request.imageId(image).minCount(1).maxCount(1))
            .instances()
            .getFirst()
            .instanceId();
    Ec2ComputeProvider provider = provider();
    assertThat(provider.list(REGION).machines()).extracting(Instance::id).doesNotContain(other);
    provider.terminate(REGION, List.of(other));
    assertThat(
            ec2.describeInstances(request -> request.instanceIds(other))
                .reservations()
                .getFirst()
                .instances()
                .getFirst()
                .state()
                .nameAsString())
        .isEqualTo("running");
  }

  @Test
  void asksTheRegionForItsTypes() {
    Catalogue catalogue =
        new Catalogues(new Ec2Records(store.database(), store.writer()), time).of(REGION, ec2);
    assertThat(catalogue.find("c7g.xlarge")).isEqualTo(Catalogue.bundled().find("c7g.xlarge"));
    assertThat(catalogue.find("g5.xlarge").orElseThrow().kind())
        .isEqualTo(InstanceType.Kind.ACCELERATED);
    assertThat(catalogue.find("m5.metal")).isEmpty();
    Catalogue stored =
        new Ec2Records(store.database(), store.writer())
            .catalogue(REGION)
            .orElseThrow()
            .catalogue();
    assertThat(stored.all()).containsExactlyElementsOf(catalogue.all());
  }

  @Test
  void templateNamesATypeThatTheRegionLacks() throws InterruptedException {
    RunnerSpec spec = Specs.linux(Arch.AMD64, 4, 4, 8, 16).types("c99z.xlarge").build();
    assertThat(provider().launch(request(spec, 1), "s"))
        .isInstanceOfSatisfying(
            LaunchResult.Refused.class,
            refused -> assertThat(refused.reason()).contains("c99z.xlarge"));
  }

  private Ec2ComputeProvider provider() {
    return new Ec2ComputeProvider(
        () -> Optional.of(config()),
        new OneAccount(ec2, ssm),
        new Ec2Records(store.database(), store.writer()),
        time);
  }

  private LaunchRequest request(int count) {
    return request(Specs.linux(Arch.AMD64, 4, 4, 8, 16).families("c7i", "m7i").build(), count);
  }

  private LaunchRequest request(RunnerSpec spec, int count) {
    return new LaunchRequest(
        "launch-%s-%d".formatted(folder.getFileName(), ++launches),
        "default",
        "dev",
        REGION,
        spec,
        count,
        false,
        URI.create("https://muster.example/"));
  }

  private FleetSpec config() {
    EnvironmentSpec environment =
        Environments.named("dev")
            .region(REGION, subnets, List.of(group), Optional.empty())
            .tags(Map.of("CostCentre", "ci"))
            .spec();
    return new FleetSpec(
        new FleetSpec.Defaults(Provider.EC2, "dev", REGION, ZoneOffset.UTC, 100),
        List.of(),
        Map.of("dev", environment),
        List.of());
  }
}
