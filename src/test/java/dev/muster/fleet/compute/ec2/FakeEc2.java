package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.spec.Arch;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.CreateFleetError;
import software.amazon.awssdk.services.ec2.model.CreateFleetInstance;
import software.amazon.awssdk.services.ec2.model.CreateFleetRequest;
import software.amazon.awssdk.services.ec2.model.CreateFleetResponse;
import software.amazon.awssdk.services.ec2.model.CreateLaunchTemplateRequest;
import software.amazon.awssdk.services.ec2.model.CreateLaunchTemplateResponse;
import software.amazon.awssdk.services.ec2.model.CreateLaunchTemplateVersionRequest;
import software.amazon.awssdk.services.ec2.model.CreateLaunchTemplateVersionResponse;
import software.amazon.awssdk.services.ec2.model.DefaultTargetCapacityType;
import software.amazon.awssdk.services.ec2.model.DeleteLaunchTemplateVersionsRequest;
import software.amazon.awssdk.services.ec2.model.DeleteLaunchTemplateVersionsResponse;
import software.amazon.awssdk.services.ec2.model.DescribeAvailabilityZonesRequest;
import software.amazon.awssdk.services.ec2.model.DescribeAvailabilityZonesResponse;
import software.amazon.awssdk.services.ec2.model.DescribeImagesRequest;
import software.amazon.awssdk.services.ec2.model.DescribeImagesResponse;
import software.amazon.awssdk.services.ec2.model.DescribeInstanceTypesRequest;
import software.amazon.awssdk.services.ec2.model.DescribeInstanceTypesResponse;
import software.amazon.awssdk.services.ec2.model.DescribeInstancesRequest;
import software.amazon.awssdk.services.ec2.model.DescribeInstancesResponse;
import software.amazon.awssdk.services.ec2.model.DescribeSpotPriceHistoryRequest;
import software.amazon.awssdk.services.ec2.model.DescribeSpotPriceHistoryResponse;
import software.amazon.awssdk.services.ec2.model.DescribeSubnetsRequest;
import software.amazon.awssdk.services.ec2.model.DescribeSubnetsResponse;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateOverridesRequest;
import software.amazon.awssdk.services.ec2.model.Image;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceLifecycleType;
import software.amazon.awssdk.services.ec2.model.InstanceStateName;
import software.amazon.awssdk.services.ec2.model.InstanceTypeInfo;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateAndOverridesResponse;
import software.amazon.awssdk.services.ec2.model.RequestLaunchTemplateData;
import software.amazon.awssdk.services.ec2.model.Reservation;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;
import software.amazon.awssdk.services.ec2.model.RunInstancesResponse;
import software.amazon.awssdk.services.ec2.model.SpotPrice;
import software.amazon.awssdk.services.ec2.model.StartInstancesRequest;
import software.amazon.awssdk.services.ec2.model.StartInstancesResponse;
import software.amazon.awssdk.services.ec2.model.StopInstancesRequest;
import software.amazon.awssdk.services.ec2.model.StopInstancesResponse;
import software.amazon.awssdk.services.ec2.model.Subnet;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TerminateInstancesRequest;
import software.amazon.awssdk.services.ec2.model.TerminateInstancesResponse;

/**
 * EC2 of one region and account in memory: limited room, spot apart from on-demand, lists that lag,
 * and its hard rules: a client token comes with the same words, one unknown id spoils a whole call.
 */
final class FakeEc2 implements Ec2Client {
  private record Machine(
      String id,
      InstanceStateName state,
      Map<String, String> tags,
      Instant launchedAt,
      String type,
      String subnet,
      boolean spot,
      String userData) {
    Machine in(InstanceStateName next) {
      return new Machine(id, next, tags, launchedAt, type, subnet, spot, userData);
    }
  }

  private final InstantSource clock;
  private final Map<String, Machine> machines = new LinkedHashMap<>();
  private final Map<String, Map<Long, RequestLaunchTemplateData>> templates = new HashMap<>();
  private final Map<String, CreateFleetRequest> fleets = new LinkedHashMap<>();
  private final Map<String, CreateFleetResponse> answers = new HashMap<>();
  private final Map<ResourceType, Map<String, String>> tagged = new HashMap<>();
  private final Map<String, Long> versions = new HashMap<>();
  private final Deque<RuntimeException> nextErrors = new ArrayDeque<>();
  private final List<Image> images = new ArrayList<>();
  private final List<String> calls = new ArrayList<>();
  private final Map<String, Integer> subnets = new HashMap<>();
  private final Set<String> shortage = new HashSet<>();
  private final Set<String> denied = new HashSet<>();
  private String date = "Sun, 01 Mar 2026 12:00:00 GMT";
  private final Set<String> scarce = new HashSet<>();
  private Optional<Hypervisor> hypervisor = Optional.empty();
  private Consumer<List<String>> terminating = instances -> {};
  private int spotRoom = Integer.MAX_VALUE;
  private int room = Integer.MAX_VALUE;
  private Duration lag = Duration.ZERO;
  private boolean loseAnswer;
  private int made;

  FakeEc2(InstantSource clock) {
    this.clock = clock;
  }

  /** At most so many machines, and so many of spot capacity among them. */
  void room(int all, int spot) {
    room = all;
    spotRoom = spot;
  }

  void image(String id, String name, String owner, String arch, String created) {
    images.add(
        Image.builder()
            .imageId(id)
            .name(name)
            .ownerId(owner)
            .architecture(arch)
            .creationDate(created)
            .rootDeviceName("/dev/sda1")
            .build());
  }

  /** There is none of this; asked for, it is an error of its own. */
  void outOf(String type, String subnet, boolean spot) {
    shortage.add(type + subnet + spot);
  }

  synchronized void backInStock() {
    shortage.clear();
  }

  /** A subnet in the zone of its last letter. */
  void subnet(String id, int addresses) {
    subnets.put(id, addresses);
  }

  /** There is no room to start this one again. */
  void scarce(String instance) {
    scarce.add(instance);
  }

  void failNext(RuntimeException error) {
    nextErrors.add(error);
  }

  /** The next fleet is made, and its answer lost. */
  void loseNextAnswer() {
    loseAnswer = true;
  }

  /** What machines are: nothing, unless a test has them boot. */
  interface Hypervisor {
    void boot(String instance, String userData);

    void halt(String instance);
  }

  void runOn(Hypervisor host) {
    hypervisor = Optional.of(host);
  }

  /** Is told which machines EC2 is asked to end, before they are. */
  void atTermination(Consumer<List<String>> observer) {
    terminating = observer;
  }

  /** A machine that shut itself down is terminated: that is its shutdown behaviour. */
  synchronized void poweredOff(String instance) {
    machines.remove(instance);
  }

  synchronized boolean runs(String instance) {
    Machine machine = machines.get(instance);
    return machine != null && machine.state() == InstanceStateName.RUNNING;
  }

  /** Those that are not gone, and how they are. */
  synchronized Map<String, InstanceStateName> machines() {
    Map<String, InstanceStateName> all = new LinkedHashMap<>();
    machines.values().forEach(machine -> all.put(machine.id(), machine.state()));
    return all;
  }

  /** Lists do not show machines that are younger than this. */
  void lag(Duration age) {
    lag = age;
  }

  /** The names of the calls so far. */
  List<String> calls() {
    return List.copyOf(calls);
  }

  List<CreateFleetRequest> fleets() {
    return List.copyOf(fleets.values());
  }

  /** What a machine's template said. */
  RequestLaunchTemplateData template(String name) {
    return required(named(name).get(1L), "version 1 of " + name);
  }

  int versions(String name) {
    return named(name).size();
  }

  String userData(String instance) {
    return decoded(machine(instance).userData());
  }

  private static String decoded(String userData) {
    return new String(Base64.getDecoder().decode(userData), StandardCharsets.UTF_8);
  }

  Map<String, String> tags(String instance) {
    return machine(instance).tags();
  }

  boolean spot(String instance) {
    return machine(instance).spot();
  }

  static AwsServiceException error(int status, String code, String message) {
    return Ec2Exception.builder()
        .statusCode(status)
        .awsErrorDetails(
            AwsErrorDetails.builder()
                .errorCode(code)
                .errorMessage(message)
                .serviceName("Ec2")
                .build())
        .build();
  }

  private Machine machine(String id) {
    return required(machines.get(id), "instance " + id);
  }

  private Map<Long, RequestLaunchTemplateData> named(String template) {
    return required(templates.get(template), "template " + template);
  }

  private static <T> T required(@Nullable T value, String what) {
    if (value == null) {
      throw new AssertionError("there is no " + what);
    }
    return value;
  }

  /** From now on a dry run of this is told that it is not allowed. */
  void deny(String operation) {
    denied.add(operation);
  }

  private void dry(String operation, @Nullable Boolean wanted) {
    if (!Boolean.TRUE.equals(wanted)) {
      return;
    }
    if (denied.contains(operation)) {
      throw error(
          403, "UnauthorizedOperation", "You are not authorized to perform this operation.");
    }
    throw error(412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
  }

  @Override
  public synchronized DescribeAvailabilityZonesResponse describeAvailabilityZones(
      DescribeAvailabilityZonesRequest request) {
    called("DescribeAvailabilityZones");
    return (DescribeAvailabilityZonesResponse)
        DescribeAvailabilityZonesResponse.builder()
            .sdkHttpResponse(
                SdkHttpResponse.builder().statusCode(200).putHeader("Date", date).build())
            .build();
  }

  /** What its clock says, as an HTTP date. */
  void clockSays(String httpDate) {
    date = httpDate;
  }

  @Override
  public synchronized DescribeSpotPriceHistoryResponse describeSpotPriceHistory(
      DescribeSpotPriceHistoryRequest request) {
    called("DescribeSpotPriceHistory");
    dry("DescribeSpotPriceHistory", request.dryRun());
    return DescribeSpotPriceHistoryResponse.builder()
        .spotPriceHistory(SpotPrice.builder().spotPrice("0.0581").build())
        .build();
  }

  @Override
  public synchronized RunInstancesResponse runInstances(RunInstancesRequest request) {
    called("RunInstances");
    dry("RunInstances", request.dryRun());
    throw new AssertionError("machines are made by fleets alone");
  }

  private void called(String name) {
    calls.add(name);
    RuntimeException error = nextErrors.poll();
    if (error != null) {
      throw error;
    }
  }

  @Override
  public synchronized CreateLaunchTemplateResponse createLaunchTemplate(
      CreateLaunchTemplateRequest request) {
    called("CreateLaunchTemplate");
    if (templates.containsKey(request.launchTemplateName())) {
      throw error(400, "InvalidLaunchTemplateName.AlreadyExistsException", "name already in use");
    }
    templates.put(
        request.launchTemplateName(), new HashMap<>(Map.of(1L, request.launchTemplateData())));
    request.tagSpecifications().forEach(s -> tagged(s.resourceType(), s.tags()));
    return CreateLaunchTemplateResponse.builder().build();
  }

  @Override
  public synchronized CreateLaunchTemplateVersionResponse createLaunchTemplateVersion(
      CreateLaunchTemplateVersionRequest request) {
    called("CreateLaunchTemplateVersion");
    Map<Long, RequestLaunchTemplateData> template = templates.get(request.launchTemplateName());
    if (template == null) {
      throw error(400, "InvalidLaunchTemplateName.NotFoundException", "no such template");
    }
    long version =
        versions.computeIfAbsent(request.clientToken(), token -> (long) versions.size() + 2);
    template.put(version, request.launchTemplateData());
    return CreateLaunchTemplateVersionResponse.builder()
        .launchTemplateVersion(v -> v.versionNumber(version))
        .build();
  }

  @Override
  public synchronized DeleteLaunchTemplateVersionsResponse deleteLaunchTemplateVersions(
      DeleteLaunchTemplateVersionsRequest request) {
    called("DeleteLaunchTemplateVersions");
    request.versions().forEach(v -> named(request.launchTemplateName()).remove(Long.parseLong(v)));
    return DeleteLaunchTemplateVersionsResponse.builder().build();
  }

  @Override
  public synchronized CreateFleetResponse createFleet(CreateFleetRequest request) {
    called("CreateFleet");
    CreateFleetRequest first = fleets.putIfAbsent(request.clientToken(), request);
    if (first != null && !first.equals(request)) {
      throw error(400, "IdempotentParameterMismatch", "the token came with other parameters");
    }
    CreateFleetResponse answer =
        answers.computeIfAbsent(request.clientToken(), token -> carryOut(request));
    if (loseAnswer) {
      loseAnswer = false;
      throw software.amazon.awssdk.core.exception.SdkClientException.create("read timed out");
    }
    return answer;
  }

  private void tagged(ResourceType type, List<Tag> tags) {
    Map<String, String> said = new HashMap<>();
    tags.forEach(tag -> said.put(tag.key(), tag.value()));
    tagged.put(type, said);
  }

  /** The tags of the last thing of each type that was made. */
  Map<ResourceType, Map<String, String>> tagged() {
    return Map.copyOf(tagged);
  }

  private CreateFleetResponse carryOut(CreateFleetRequest request) {
    var config = request.launchTemplateConfigs().getFirst();
    var spec = config.launchTemplateSpecification();
    RequestLaunchTemplateData version =
        required(
            named(spec.launchTemplateName()).get(Long.parseLong(spec.version())),
            "version " + spec.version());
    boolean spot =
        request.targetCapacitySpecification().defaultTargetCapacityType()
            == DefaultTargetCapacityType.SPOT;
    Map<String, String> tags = new HashMap<>();
    request.tagSpecifications().stream()
        .filter(s -> s.resourceType() == ResourceType.INSTANCE)
        .forEach(s -> s.tags().forEach(tag -> tags.put(tag.key(), tag.value())));
    if (!spot
        && version.tagSpecifications().stream()
            .anyMatch(s -> s.resourceType() == ResourceType.SPOT_INSTANCES_REQUEST)) {
      throw error(
          400, "InvalidParameterValue", "You cannot specify tags for Spot instances requests");
    }
    request.tagSpecifications().forEach(s -> tagged(s.resourceType(), s.tags()));
    version.tagSpecifications().forEach(s -> tagged(s.resourceType(), s.tags()));
    Optional<FleetLaunchTemplateOverridesRequest> open =
        config.overrides().stream().filter(o -> !shortage.contains(key(o, spot))).findFirst();
    List<CreateFleetError> errors =
        new ArrayList<>(
            config.overrides().stream()
                .filter(o -> shortage.contains(key(o, spot)))
                .map(o -> error("InsufficientInstanceCapacity", "no capacity", o))
                .toList());
    if (open.isEmpty()) {
      return CreateFleetResponse.builder().errors(errors).build();
    }
    FleetLaunchTemplateOverridesRequest where = open.get();
    List<String> ids = new ArrayList<>();
    int wanted = request.targetCapacitySpecification().totalTargetCapacity();
    while (ids.size() < wanted && alive(false) < room && (!spot || alive(true) < spotRoom)) {
      String id = "i-%017x".formatted(++made);
      machines.put(
          id,
          new Machine(
              id,
              InstanceStateName.RUNNING,
              Map.copyOf(tags),
              clock.instant(),
              where.instanceTypeAsString(),
              where.subnetId(),
              spot,
              version.userData()));
      hypervisor.ifPresent(host -> host.boot(id, decoded(version.userData())));
      ids.add(id);
    }
    String type = where.instanceTypeAsString();
    CreateFleetResponse.Builder answer = CreateFleetResponse.builder();
    if (!ids.isEmpty()) {
      answer.instances(
          CreateFleetInstance.builder()
              .instanceIds(ids)
              .instanceType(type)
              .launchTemplateAndOverrides(about(where))
              .build());
    }
    if (ids.size() < wanted) {
      errors.add(
          error(
              spot ? "UnfulfillableCapacity" : "InsufficientInstanceCapacity",
              "no capacity for " + type,
              where));
    }
    return answer.errors(errors).build();
  }

  private static CreateFleetError error(
      String code, String message, FleetLaunchTemplateOverridesRequest where) {
    return CreateFleetError.builder()
        .errorCode(code)
        .errorMessage(message)
        .launchTemplateAndOverrides(about(where))
        .build();
  }

  private static LaunchTemplateAndOverridesResponse about(
      FleetLaunchTemplateOverridesRequest where) {
    return LaunchTemplateAndOverridesResponse.builder()
        .overrides(o -> o.instanceType(where.instanceType()).subnetId(where.subnetId()))
        .build();
  }

  private static String key(FleetLaunchTemplateOverridesRequest where, boolean spot) {
    return where.instanceTypeAsString() + where.subnetId() + spot;
  }

  private long alive(boolean spotOnly) {
    return machines.values().stream().filter(m -> !spotOnly || m.spot()).count();
  }

  @Override
  public synchronized DescribeInstancesResponse describeInstances(
      DescribeInstancesRequest request) {
    called("DescribeInstances");
    dry("DescribeInstances", request.dryRun());
    if (request.filters().stream().anyMatch(filter -> filter.values().size() > 200)) {
      throw error(400, "FilterLimitExceeded", "at most 200 values are allowed");
    }
    Instant visible = clock.instant().minus(lag);
    List<Instance> found =
        machines.values().stream()
            .filter(m -> !m.launchedAt().isAfter(visible))
            .filter(m -> request.filters().stream().allMatch(filter -> matches(m, filter)))
            .map(FakeEc2::shown)
            .toList();
    return DescribeInstancesResponse.builder()
        .reservations(Reservation.builder().instances(found).build())
        .build();
  }

  private static boolean matches(Machine machine, Filter filter) {
    String value =
        switch (filter.name()) {
          case "instance-id" -> machine.id();
          case "instance-state-name" -> machine.state().toString();
          case String tag when tag.startsWith("tag:") ->
              machine.tags().getOrDefault(tag.substring(4), "");
          case String other -> throw new AssertionError("a filter that is not known: " + other);
        };
    return filter.values().contains(value);
  }

  private static Instance shown(Machine machine) {
    return Instance.builder()
        .instanceId(machine.id())
        .state(state -> state.name(machine.state()))
        .launchTime(machine.launchedAt())
        .instanceType(machine.type())
        .placement(placement -> placement.availabilityZone(zone(machine.subnet())))
        .instanceLifecycle(machine.spot() ? InstanceLifecycleType.SPOT : null)
        .tags(
            machine.tags().entrySet().stream()
                .map(tag -> Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
                .toList())
        .build();
  }

  private static String zone(String subnet) {
    return "eu-west-1" + subnet.charAt(subnet.length() - 1);
  }

  @Override
  public synchronized DescribeSubnetsResponse describeSubnets(DescribeSubnetsRequest request) {
    called("DescribeSubnets");
    dry("DescribeSubnets", request.dryRun());
    return DescribeSubnetsResponse.builder()
        .subnets(
            request.subnetIds().stream()
                .map(id -> {
                  if (id.startsWith("subnet-none")) {
                    throw error(
                        400,
                        "InvalidSubnetID.NotFound",
                        "The subnet ID '" + id + "' does not exist");
                  }
                  return Subnet.builder()
                      .subnetId(id)
                      .availabilityZone(zone(id))
                      .availableIpAddressCount(subnets.getOrDefault(id, 250))
                      .build();
                })
                .toList())
        .build();
  }

  @Override
  public synchronized StartInstancesResponse startInstances(StartInstancesRequest request) {
    called("StartInstances");
    if (request.instanceIds().stream().anyMatch(scarce::contains)) {
      throw error(500, "InsufficientInstanceCapacity", "no capacity in the zone");
    }
    change(request.instanceIds(), InstanceStateName.RUNNING);
    hypervisor.ifPresent(host ->
        request.instanceIds().forEach(id -> host.boot(id, decoded(machine(id).userData()))));
    return StartInstancesResponse.builder().build();
  }

  @Override
  public synchronized StopInstancesResponse stopInstances(StopInstancesRequest request) {
    called("StopInstances");
    change(request.instanceIds(), InstanceStateName.STOPPED);
    hypervisor.ifPresent(host -> request.instanceIds().forEach(host::halt));
    return StopInstancesResponse.builder().build();
  }

  @Override
  public synchronized TerminateInstancesResponse terminateInstances(
      TerminateInstancesRequest request) {
    called("TerminateInstances");
    terminating.accept(request.instanceIds());
    change(request.instanceIds(), null);
    hypervisor.ifPresent(host -> request.instanceIds().forEach(host::halt));
    return TerminateInstancesResponse.builder().build();
  }

  private void change(List<String> ids, @Nullable InstanceStateName state) {
    Optional<String> unknown = ids.stream().filter(id -> !machines.containsKey(id)).findFirst();
    if (unknown.isPresent()) {
      throw error(400, "InvalidInstanceID.NotFound", "no instance " + unknown.get());
    }
    for (String id : ids) {
      machines.computeIfPresent(id, (key, machine) -> state == null ? null : machine.in(state));
    }
  }

  @Override
  public synchronized DescribeImagesResponse describeImages(DescribeImagesRequest request) {
    called("DescribeImages");
    dry("DescribeImages", request.dryRun());
    return DescribeImagesResponse.builder()
        .images(
            images.stream()
                .filter(image ->
                    !request.hasOwners()
                        || request.owners().contains("self")
                        || request.owners().contains(image.ownerId()))
                .filter(image -> request.filters().stream().allMatch(f -> matches(image, f)))
                .toList())
        .build();
  }

  private static boolean matches(Image image, Filter filter) {
    return switch (filter.name()) {
      case "name" ->
          filter.values().stream()
              .anyMatch(
                  v -> Pattern.matches(Pattern.quote(v).replace("*", "\\E.*\\Q"), image.name()));
      case "image-id" -> filter.values().contains(image.imageId());
      case "state" -> true;
      case String other -> throw new AssertionError("a filter that is not known: " + other);
    };
  }

  @Override
  public synchronized DescribeInstanceTypesResponse describeInstanceTypes(
      DescribeInstanceTypesRequest request) {
    called("DescribeInstanceTypes");
    dry("DescribeInstanceTypes", request.dryRun());
    return DescribeInstanceTypesResponse.builder()
        .instanceTypes(Catalogue.bundled().all().stream().map(FakeEc2::info).toList())
        .build();
  }

  private static InstanceTypeInfo info(InstanceType type) {
    return InstanceTypeInfo.builder()
        .instanceType(type.name())
        .vCpuInfo(cpu -> cpu.defaultVCpus(type.cpu()))
        .memoryInfo(memory -> memory.sizeInMiB((long) type.memory()))
        .processorInfo(processor ->
            processor.supportedArchitecturesWithStrings(
                type.arch() == Arch.ARM64 ? "arm64" : "x86_64"))
        .hypervisor("nitro")
        .bareMetal(false)
        .burstablePerformanceSupported(type.kind() == InstanceType.Kind.BURSTABLE)
        .supportedUsageClassesWithStrings(
            type.spot() ? List.of("on-demand", "spot") : List.of("on-demand"))
        .build();
  }

  @Override
  public String serviceName() {
    return SERVICE_NAME;
  }

  @Override
  public void close() {}
}
