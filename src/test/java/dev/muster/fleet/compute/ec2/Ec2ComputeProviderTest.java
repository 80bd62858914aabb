package dev.muster.fleet.compute.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.fleet.compute.BreakerStore;
import dev.muster.fleet.compute.ComputeProvider;
import dev.muster.fleet.compute.ComputeProviderContract;
import dev.muster.fleet.compute.Instance;
import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.compute.LaunchResult;
import dev.muster.fleet.compute.Machine;
import dev.muster.fleet.spec.Arch;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.Environments;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.fleet.spec.Spot;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.store.StoreFixture;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.ec2.model.CreateFleetRequest;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateHttpTokensState;
import software.amazon.awssdk.services.ec2.model.RequestLaunchTemplateData;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.ShutdownBehavior;

class Ec2ComputeProviderTest extends ComputeProviderContract {
  private static final String REGION = "eu-west-1";
  private static final String ROLE = "arn:aws:iam::111122223333:role/muster";

  @TempDir private Path folder;
  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private final FakeEc2 ec2 = new FakeEc2(time);
  private final FakeSsm ssm = new FakeSsm();
  private final OneAccount account = new OneAccount(ec2, ssm);
  private EnvironmentSpec environment =
      environment(List.of("subnet-a", "subnet-b"), Optional.empty());
  @AutoClose private StoreFixture store;

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder, new AuditLog(time));
    ec2.room(2, 2);
    ec2.image("ami-00000001", "muster-runner-linux-arm64-1", "111", "arm64", "2026-01-01");
    ec2.image("ami-00000002", "muster-runner-linux-arm64-2", "111", "arm64", "2026-02-01");
  }

  @Override
  protected ComputeProvider provider() {
    return new Ec2ComputeProvider(
        () -> Optional.of(config()),
        account,
        new Ec2Records(store.database(), store.writer()),
        time);
  }

  @Override
  protected String region() {
    return REGION;
  }

  @Override
  protected String shortage() {
    return "InsufficientInstanceCapacity";
  }

  @Override
  protected RunnerSpec spec() {
    return Specs.linux(Arch.ARM64, 4, 8, 8, 32).families("c7g", "m7g").build();
  }

  @Test
  void asksForEveryFittingTypeInEverySubnetAtOnce() throws InterruptedException {
    launched(provider().launch(spot(spec(), 2), "secret"));
    CreateFleetRequest fleet = ec2.fleets().getFirst();
    assertThat(fleet.launchTemplateConfigs().getFirst().overrides())
        .extracting(o -> o.instanceTypeAsString() + " " + o.subnetId())
        .containsExactly(
            "c7g.xlarge subnet-a",
            "c7g.xlarge subnet-b",
            "m7g.xlarge subnet-a",
            "m7g.xlarge subnet-b",
            "c7g.2xlarge subnet-a",
            "c7g.2xlarge subnet-b",
            "m7g.2xlarge subnet-a",
            "m7g.2xlarge subnet-b");
    assertThat(fleet.typeAsString()).isEqualTo("instant");
    assertThat(fleet.spotOptions().allocationStrategyAsString())
        .isEqualTo("price-capacity-optimized");
    assertThat(ec2.fleets()).hasSize(1);
  }

  @Test
  void keepsWithinTheMostOverridesThatEc2Takes() throws InterruptedException {
    environment =
        environment(List.of("subnet-a", "subnet-b", "subnet-c", "subnet-d"), Optional.empty());
    RunnerSpec any = Specs.linux(Arch.ARM64, 1, 192, 1, 2048).build();
    launched(provider().launch(spot(any, 1), "secret"));
    assertThat(ec2.fleets().getFirst().launchTemplateConfigs().getFirst().overrides())
        .hasSizeBetween(100, 300);
  }

  @Test
  void takesOnDemandCapacityForWhatSpotDoesNotGive() throws InterruptedException {
    ec2.room(10, 1);
    List<String> made = launched(provider().launch(spot(spec(), 4), "secret"));
    assertThat(made).hasSize(4);
    assertThat(made.stream().filter(ec2::spot)).hasSize(1);
    assertThat(ec2.fleets()).hasSize(2);
  }

  @Test
  void takesNothingButSpotWhereTheSpecSaysOnly() throws InterruptedException {
    ec2.room(10, 1);
    RunnerSpec only = Specs.linux(Arch.ARM64, 4, 4, 8, 16).families("c7g").spot(Spot.ONLY).build();
    LaunchResult.Launched some = (LaunchResult.Launched) provider().launch(spot(only, 3), "secret");
    assertThat(some.instances()).hasSize(1).allMatch(ec2::spot);
    assertThat(some.note()).contains("UnfulfillableCapacity");
  }

  @Test
  void machinesAreHardenedAndEndWhenTheyShutDown() throws InterruptedException {
    launched(provider().launch(request(1, 1), "secret"));
    RequestLaunchTemplateData template = ec2.template(templateOf(ec2.fleets().getFirst()));
    assertThat(template.imageId()).as("the newest").isEqualTo("ami-00000002");
    assertThat(template.instanceInitiatedShutdownBehavior()).isEqualTo(ShutdownBehavior.TERMINATE);
    assertThat(template.metadataOptions().httpTokens())
        .isEqualTo(LaunchTemplateHttpTokensState.REQUIRED);
    assertThat(template.metadataOptions().httpPutResponseHopLimit()).isEqualTo(1);
    var disk = template.blockDeviceMappings().getFirst();
    assertThat(disk.deviceName()).isEqualTo("/dev/sda1");
    assertThat(disk.ebs().encrypted()).isTrue();
    assertThat(disk.ebs().volumeSize()).isEqualTo(40);
    assertThat(template.networkInterfaces().getFirst().groups()).containsExactly("sg-1");
    assertThat(template.iamInstanceProfile().name()).isEqualTo("muster-runner");
    assertThat(template.userData()).as("the secret is no launch's but one's").isNull();
  }

  @Test
  void tagsSayWhoseTheMachineIs() throws InterruptedException {
    String id = launched(provider().launch(request(1, 1), "secret")).getFirst();
    assertThat(ec2.tags(id))
        .containsEntry("muster:launch", launch(1))
        .containsEntry("muster:pool", "default")
        .containsEntry("muster:environment", "dev")
        .containsEntry("muster:region", REGION)
        .containsEntry("Environment", "dev")
        .containsEntry("CostCentre", "ci")
        .containsKey("muster:appliance");
  }

  @Test
  void everythingThatIsMadeBearsTheTagsOfItsEnvironment() throws InterruptedException {
    launched(provider().launch(spot(spec(), 1), "secret"));
    assertThat(ec2.tagged().keySet())
        .contains(
            ResourceType.SPOT_INSTANCES_REQUEST,
            ResourceType.LAUNCH_TEMPLATE,
            ResourceType.FLEET,
            ResourceType.INSTANCE,
            ResourceType.VOLUME,
            ResourceType.NETWORK_INTERFACE);
    assertThat(ec2.tagged())
        .allSatisfy((type, tags) ->
            assertThat(tags)
                .as(type.toString())
                .containsEntry("Environment", "dev")
                .containsEntry("CostCentre", "ci")
                .containsKey("muster:appliance"));
  }

  @Test
  void userDataHoldsAddressAndSecretAndItsVersionIsRemoved() throws Exception {
    String id = launched(provider().launch(request(1, 1), "the-secret")).getFirst();
    JsonNode told = told(ec2.userData(id), "content: (\\S+)");
    assertThat(told.path("url").asText()).isEqualTo("http://127.0.0.1:1/");
    assertThat(told.path("launch").asText()).isEqualTo(launch(1));
    assertThat(told.path("secret").asText()).isEqualTo("the-secret");
    assertThat(told.path("hardDeadlineSeconds").asLong()).isEqualTo(6 * 3600);
    assertThat(told.has("instanceMetadata")).as("jobs are kept from it by themselves").isFalse();
    assertThat(ec2.versions(templateOf(ec2.fleets().getFirst()))).isEqualTo(1);
  }

  @Test
  void machinesWhoseJobsReachTheMetadataAreToldSo() throws Exception {
    RunnerSpec spec = Specs.linux(Arch.ARM64, 4, 8, 8, 32).instanceMetadata().build();
    String id = launched(provider().launch(onDemand(spec, 1), "the-secret")).getFirst();
    assertThat(told(ec2.userData(id), "content: (\\S+)").path("instanceMetadata").asBoolean())
        .isTrue();
  }

  @Test
  void windowsIsToldThroughPowerShell() throws Exception {
    ec2.image("ami-0000000a", "muster-runner-windows-2022-amd64-1", "111", "x86_64", "2026-01-01");
    RunnerSpec windows = Specs.linux(Arch.AMD64, 4, 4, 8, 16).os(Os.WINDOWS).build();
    String id = launched(provider().launch(onDemand(windows, 1), "the-secret")).getFirst();
    assertThat(ec2.userData(id)).startsWith("<powershell>").contains("launch.json");
    assertThat(told(ec2.userData(id), "FromBase64String\\('([^']+)'\\)").path("secret").asText())
        .isEqualTo("the-secret");
    assertThat(provider().command(windows).getFirst()).endsWith("run.cmd");
  }

  @Test
  void launchesOfOneKindShareATemplateAndOtherKindsHaveTheirOwn() throws InterruptedException {
    ec2.room(10, 10);
    ComputeProvider provider = provider();
    provider.launch(request(1, 1), "a");
    provider.launch(request(2, 1), "b");
    assertThat(ec2.calls()).filteredOn("CreateLaunchTemplate"::equals).hasSize(1);
    provider().launch(request(3, 1), "c"); // another process, to which it is news
    RunnerSpec larger = Specs.linux(Arch.ARM64, 4, 8, 8, 32).families("c7g").disk(200).build();
    provider.launch(onDemand(larger, 1), "d");
    assertThat(ec2.fleets().stream().map(Ec2ComputeProviderTest::templateOf).distinct()).hasSize(2);
  }

  @Test
  void repeatsALaunchInTheSameWordsWhateverHasChanged() throws InterruptedException {
    ComputeProvider provider = provider();
    ec2.loseNextAnswer();
    assertThatThrownBy(() -> provider.launch(request(1, 2), "secret"))
        .isInstanceOf(TransientException.class);
    environment = environment(List.of("subnet-z"), Optional.empty());
    ec2.image("ami-00000003", "muster-runner-linux-arm64-3", "111", "arm64", "2026-03-01");
    ec2.lag(Duration.ofMinutes(1)); // the list does not show them yet
    assertThat(launched(provider().launch(request(1, 2), "secret"))).hasSize(2);
    ec2.lag(Duration.ZERO);
    assertThat(provider().list(REGION).machines()).hasSize(2);
    assertThat(launched(provider().launch(request(1, 2), "secret"))).hasSize(2);
    assertThat(provider().list(REGION).machines()).hasSize(2);
  }

  @Test
  void stopsAndStartsInOneCall() throws InterruptedException {
    List<String> made = launched(provider().launch(request(1, 2), "secret"));
    provider().stop(REGION, made);
    assertThat(provider().list(REGION).machines())
        .extracting(Instance::state)
        .containsOnly(Instance.State.STOPPED);
    provider().start(REGION, made);
    assertThat(provider().list(REGION).machines())
        .extracting(Instance::state)
        .containsOnly(Instance.State.RUNNING);
    assertThat(ec2.calls()).filteredOn("StopInstances"::equals).hasSize(1);
    assertThat(ec2.calls()).filteredOn("StartInstances"::equals).hasSize(1);
  }

  @Test
  void namesNoMoreMachinesInACallThanEc2Takes() throws InterruptedException {
    ec2.room(450, 0);
    List<String> made = launched(provider().launch(request(1, 450), "secret"));
    provider().stop(REGION, made);
    assertThat(provider().list(REGION).machines())
        .hasSize(450)
        .allMatch(instance -> instance.state() == Instance.State.STOPPED);
    assertThat(ec2.calls()).filteredOn("StopInstances"::equals).hasSize(3);
  }

  @Test
  void goesIntoTheEnvironmentsAccountByItsRole() throws InterruptedException {
    environment = environment(List.of("subnet-a"), Optional.of(ROLE));
    launched(provider().launch(request(1, 1), "secret"));
    provider().list(REGION).machines();
    assertThat(account.entered()).containsOnly("ec2 eu-west-1 " + ROLE);
  }

  @Test
  void machinesOfAnAccountOrRegionThatLeftTheConfigAreSeenWhileTheyLive() throws Exception {
    environment = environment(List.of("subnet-a"), Optional.of(ROLE));
    LaunchRequest request = request(1, 1);
    String id = launched(provider().launch(request, "secret")).getFirst();
    RunnerRow.of(store, request.launch(), REGION, time.instant());
    environment = EnvironmentSpec.named("dev");
    account.entered().clear();
    assertThat(provider().list(REGION).machines()).extracting(Instance::id).containsExactly(id);
    provider().terminate(REGION, List.of(id));
    assertThat(provider().list(REGION).machines()).isEmpty();
    assertThat(account.entered()).containsOnly("ec2 eu-west-1 " + ROLE);
    int kept = store.write(tx -> Ec2Records.remove(tx, time.instant().plusSeconds(1), 10));
    assertThat(kept).as("it says where the machine is").isZero();
    store.run(tx -> tx.update("update runner set state = 'TERMINATED'"));
    int removed = store.write(tx -> Ec2Records.remove(tx, time.instant().plusSeconds(1), 10));
    assertThat(removed).isEqualTo(1);
    account.entered().clear();
    assertThat(provider().list(REGION).machines()).isEmpty();
    assertThat(account.entered()).as("nothing of ours is left there").isEmpty();
  }

  @Test
  void refusesWhatTheConfigMustMend() throws InterruptedException {
    assertThat(refused(Specs.linux(Arch.ARM64, 4, 4, 8, 8).types("c99g.xlarge").build()))
        .contains("c99g.xlarge: there is no such type in the region");
    assertThat(refused(Specs.linux(Arch.ARM64, 4, 4, 8, 8).image("nothing-*", "self").build()))
        .contains("no image with a name like \"nothing-*\"")
        .contains("build one with packer");
    ec2.image("ami-00000009", "shared-1", "111", "arm64", "2026-01-01");
    ec2.image("ami-0000000b", "shared-2", "222", "arm64", "2026-01-02");
    assertThat(refused(Specs.linux(Arch.ARM64, 4, 4, 8, 8).image("shared-*", "self").build()))
        .contains("several accounts (111, 222)");
    assertThat(refused(Specs.linux(Arch.AMD64, 4, 4, 8, 8).image("ami-00000002", "self").build()))
        .contains("not for amd64");
    environment = environment(List.of(), Optional.empty());
    assertThat(refused(spec()))
        .contains("environment dev names no subnets in eu-west-1")
        .contains("environments.dev.regions.eu-west-1.subnets");
  }

  @Test
  void parameterOfTheEnvironmentsAccountNamesTheImage() throws InterruptedException {
    environment = environment(List.of("subnet-a"), Optional.of(ROLE));
    ssm.parameters.put("/images/runner", "ami-00000001\n");
    launched(provider().launch(onDemand(byParameter(), 1), "secret"));
    assertThat(ec2.template(templateOf(ec2.fleets().getFirst())).imageId())
        .isEqualTo("ami-00000001");
    assertThat(account.entered()).containsOnly("ec2 eu-west-1 " + ROLE, "ssm eu-west-1 " + ROLE);
  }

  @Test
  void withoutAParameterNoClientOfSsmIsMade() throws InterruptedException {
    launched(provider().launch(request(1, 1), "secret"));
    assertThat(account.entered()).containsOnly("ec2 eu-west-1");
  }

  @Test
  void parameterIsReadAgainWhenItsImageIsNoLongerFresh() throws InterruptedException {
    ssm.parameters.put("/images/runner", "ami-00000001");
    ComputeProvider provider = provider();
    launched(provider.launch(onDemand(byParameter(), 1), "secret"));
    ssm.parameters.put("/images/runner", "ami-00000002");
    launched(provider.launch(onDemand(byParameter(), 1), "secret"));
    assertThat(ssm.asked).hasSize(1);
    ec2.room(10, 10);
    time.pass(Duration.ofMinutes(5));
    launched(provider.launch(onDemand(byParameter(), 1), "secret"));
    assertThat(ec2.template(templateOf(ec2.fleets().getLast())).imageId())
        .isEqualTo("ami-00000002");
  }

  @Test
  void eachAccountHasImagesOfItsOwn() throws InterruptedException {
    ComputeProvider provider = provider();
    ssm.parameters.put("/images/runner", "ami-00000001");
    launched(provider.launch(onDemand(byParameter(), 1), "secret"));
    environment = environment(List.of("subnet-a"), Optional.of(ROLE));
    ssm.parameters.put("/images/runner", "ami-00000002");
    launched(provider.launch(onDemand(byParameter(), 1), "secret"));
    assertThat(ec2.template(templateOf(ec2.fleets().getLast())).imageId())
        .isEqualTo("ami-00000002");
  }

  @Test
  void parameterThatNamesNoImageIsRefusedByName() throws InterruptedException {
    assertThat(refused(byParameter()))
        .contains("no parameter /images/runner in SSM of eu-west-1", "runner spec");
    ssm.parameters.put("/images/runner", "{\"image_id\":\"hunter2\"}");
    assertThat(refused(byParameter()))
        .contains("the parameter /images/runner in eu-west-1 holds no id of an image")
        .doesNotContain("hunter2");
    ssm.parameters.put("/images/runner", "ami-0badc0de");
    assertThat(refused(byParameter()))
        .contains("no image with ami-0badc0de, which the parameter /images/runner names");
  }

  @Test
  void parameterThatMustNotBeReadStalls() {
    environment = environment(List.of("subnet-a"), Optional.of(ROLE));
    ssm.denied.add("/images/runner");
    assertThatThrownBy(() -> provider().launch(onDemand(byParameter(), 1), "secret"))
        .isInstanceOf(StalledException.class)
        .hasMessageContaining("/images/runner")
        .hasMessageEndingWith("allow ssm:GetParameter on it to " + ROLE);
  }

  private static RunnerSpec byParameter() {
    return Specs.linux(Arch.ARM64, 4, 8, 8, 32).image("ssm:/images/runner", "self").build();
  }

  @Test
  void userDataBeyondWhatEc2TakesIsRefusedBeforeItIsSent() throws InterruptedException {
    LaunchRequest endless =
        new LaunchRequest(
            launch(1),
            "default",
            "dev",
            REGION,
            spec(),
            1,
            false,
            URI.create("https://muster.example/" + "a".repeat(17_000)));
    assertThat(provider().launch(endless, "secret"))
        .isInstanceOfSatisfying(
            LaunchResult.Refused.class, r -> assertThat(r.reason()).contains("user data"));
    assertThat(ec2.calls()).doesNotContain("CreateFleet", "CreateLaunchTemplateVersion");
  }

  @Test
  void missingPermissionStallsAndNamesIt() {
    for (int call = 0; call < 3; call++) {
      ec2.failNext(FakeEc2.error(403, "UnauthorizedOperation", "not allowed: ec2:DescribeImages"));
    }
    assertThatThrownBy(() -> provider().launch(request(1, 1), "secret"))
        .isInstanceOf(StalledException.class)
        .hasMessageContaining("ec2:DescribeImages")
        .hasMessageContaining("allow it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"RequestLimitExceeded", "Throttling"})
  void throttlingIsTriedAgain(String code) {
    ec2.failNext(FakeEc2.error(503, code, "Request limit exceeded."));
    assertThatThrownBy(() -> provider().list(REGION))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining(code);
  }

  @Test
  void leavesOutWhatWasOutOfStockUntilAProbeGoesWell() throws InterruptedException {
    ec2.room(100, 100);
    ec2.outOf("c7g.xlarge", "subnet-a", true);
    assertThat(launched(provider().launch(spot(spec(), 1), "secret"))).hasSize(1);
    assertThat(offered(spot(spec(), 1))).doesNotContain("c7g.xlarge subnet-a").hasSize(7);
    assertThat(offered(onDemand(spec(), 1))).as("the other market").contains("c7g.xlarge subnet-a");
    ec2.backInStock();
    time.pass(Duration.ofMinutes(30));
    assertThat(offered(spot(spec(), 1))).as("the probe").contains("c7g.xlarge subnet-a");
    assertThat(offered(spot(spec(), 1))).as("closed again").contains("c7g.xlarge subnet-a");
  }

  @Test
  void knocksAtShutDoorsWhereThereIsNoOther() throws InterruptedException {
    RunnerSpec one = Specs.linux(Arch.ARM64, 4, 4, 8, 8).types("c7g.xlarge").build();
    ec2.outOf("c7g.xlarge", "subnet-a", false);
    ec2.outOf("c7g.xlarge", "subnet-b", false);
    assertThat(provider().launch(onDemand(one, 1), "secret"))
        .isInstanceOf(LaunchResult.NoCapacity.class);
    assertThat(offered(onDemand(one, 1))).hasSize(2);
    assertThat(provider().explain(REGION, one))
        .anySatisfy(line ->
            assertThat(line)
                .contains("on-demand c7g.xlarge in eu-west-1a is left out until")
                .contains("InsufficientInstanceCapacity"));
  }

  @Test
  void threeInterruptionsShutAnOffer() throws InterruptedException {
    ec2.room(100, 100);
    LaunchResult made = provider().launch(spot(spec(), 3), "secret");
    for (Machine machine : ((LaunchResult.Launched) made).machines()) {
      store.run(tx ->
          BreakerStore.interrupted(
              tx, "ec2", REGION, machine.offer().orElseThrow(), time.instant()));
    }
    assertThat(offered(spot(spec(), 1))).doesNotContain("c7g.xlarge subnet-a").hasSize(7);
  }

  @Test
  void saysWhichTypesItTakesAndWhyNotTheOthers() {
    assertThat(provider().explain(REGION, spec()))
        .containsExactly(
            "Instance types for spec, in this order:"
                + " c7g.xlarge, m7g.xlarge, c7g.2xlarge, m7g.2xlarge.",
            "Not taken: 12 types, as c7g.12xlarge: not 4 to 8 vCPU;"
                + " 1151 types, as a1.2xlarge: not of c7g, m7g.");
    assertThat(ec2.calls()).isEmpty();
  }

  @Test
  void goesWhereThereAreAddresses() throws InterruptedException {
    ec2.subnet("subnet-a", 0);
    assertThat(offered(onDemand(spec(), 1))).noneMatch(place -> place.endsWith("subnet-a"));
    ec2.subnet("subnet-b", 0);
    time.pass(Duration.ofMinutes(1));
    assertThat(provider().launch(onDemand(spec(), 1), "secret"))
        .isInstanceOfSatisfying(
            LaunchResult.NoCapacity.class,
            none -> assertThat(none.reason()).contains("no free addresses"));
    environment = environment(List.of("subnet-none"), Optional.empty());
    assertThat(refused(spec())).contains("subnet-none", "does not exist");
  }

  @Test
  void startsWhatItKnowsAtOnceAndTellsWhatHasNoRoom() throws InterruptedException {
    ec2.room(10, 10);
    ComputeProvider provider = provider();
    List<String> made = launched(provider.launch(request(1, 5), "secret"));
    provider.stop(REGION, made);
    ec2.scarce(made.get(2));
    int before = ec2.calls().size();
    assertThat(provider.start(REGION, made))
        .containsExactly(Map.entry(made.get(2), "InsufficientInstanceCapacity"));
    assertThat(ec2.calls().get(before)).isEqualTo("StartInstances");
    assertThat(provider.list(REGION).machines())
        .filteredOn(instance -> instance.state() == Instance.State.RUNNING)
        .hasSize(4);
  }

  @Test
  void oneThatIsGoneDoesNotHoldUpTheOthers() throws InterruptedException {
    ComputeProvider provider = provider();
    List<String> made = launched(provider.launch(request(1, 2), "secret"));
    provider.stop(REGION, made);
    provider().terminate(REGION, List.of(made.getFirst())); // by somebody else
    assertThat(provider.start(REGION, made)).isEmpty();
    assertThat(provider.list(REGION).machines())
        .extracting(Instance::state)
        .containsExactly(Instance.State.RUNNING);
  }

  @Test
  void roleThatCannotBeAssumedIsNamed() {
    environment = environment(List.of("subnet-a"), Optional.of(ROLE));
    for (int call = 0; call < 3; call++) { // types and zones are no reason not to go on
      ec2.failNext(denied());
    }
    assertThatThrownBy(() -> provider().launch(request(1, 1), "secret"))
        .isInstanceOf(StalledException.class)
        .hasMessageContaining("is not authorized to perform: sts:AssumeRole on resource: " + ROLE)
        .hasMessageContaining("allow it");
  }

  private static RuntimeException denied() {
    return FakeEc2.error(
        403,
        "AccessDenied",
        "it is not authorized to perform: sts:AssumeRole on resource: " + ROLE);
  }

  /** What a launch asks for. */
  private List<String> offered(LaunchRequest request) throws InterruptedException {
    provider().launch(request, "secret");
    return ec2.fleets().getLast().launchTemplateConfigs().getFirst().overrides().stream()
        .map(o -> o.instanceTypeAsString() + " " + o.subnetId())
        .toList();
  }

  @Test
  void goesByTheBundledTypesWhereTheAccountMayNotAsk() throws InterruptedException {
    ec2.failNext(FakeEc2.error(403, "UnauthorizedOperation", "ec2:DescribeInstanceTypes"));
    assertThat(launched(provider().launch(request(1, 1), "secret"))).hasSize(1);
  }

  private String refused(RunnerSpec spec) throws InterruptedException {
    LaunchResult result = provider().launch(onDemand(spec, 1), "secret");
    assertThat(result).isInstanceOf(LaunchResult.Refused.class);
    return ((LaunchResult.Refused) result).reason();
  }

  private static JsonNode told(String userData, String place) throws Exception {
    Matcher matcher = Pattern.compile(place).matcher(userData);
    assertThat(matcher.find()).isTrue();
    byte[] json = Base64.getDecoder().decode(matcher.group(1));
    return new ObjectMapper().readTree(new String(json, StandardCharsets.UTF_8));
  }

  private static String templateOf(CreateFleetRequest fleet) {
    return fleet
        .launchTemplateConfigs()
        .getFirst()
        .launchTemplateSpecification()
        .launchTemplateName();
  }

  private LaunchRequest spot(RunnerSpec spec, int count) {
    return request(spec, count, true);
  }

  private LaunchRequest onDemand(RunnerSpec spec, int count) {
    return request(spec, count, false);
  }

  private static int launches = 100;

  private LaunchRequest request(RunnerSpec spec, int count, boolean spot) {
    return new LaunchRequest(
        launch(++launches),
        "default",
        "dev",
        REGION,
        spec,
        count,
        spot,
        URI.create("http://127.0.0.1:1/"));
  }

  private FleetSpec config() {
    return new FleetSpec(
        new FleetSpec.Defaults(Provider.EC2, "dev", REGION, ZoneOffset.UTC, 100),
        List.of(),
        Map.of("dev", environment),
        List.of());
  }

  private static EnvironmentSpec environment(List<String> subnets, Optional<String> role) {
    return Environments.named("dev")
        .role(role)
        .region(REGION, subnets, List.of("sg-1"), Optional.of("muster-runner"))
        .tags(Map.of("CostCentre", "ci"))
        .spec();
  }
}
