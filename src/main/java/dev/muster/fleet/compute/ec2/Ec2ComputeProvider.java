package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.ComputeProvider;
import dev.muster.fleet.compute.Instance;
import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.compute.LaunchResult;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.fleet.spec.Spot;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.CreateFleetError;
import software.amazon.awssdk.services.ec2.model.CreateFleetResponse;
import software.amazon.awssdk.services.ec2.model.DescribeInstancesRequest;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.InstanceStateName;
import software.amazon.awssdk.services.ec2.model.Tag;

/** Runners on EC2. Every call is per batch. */
public final class Ec2ComputeProvider implements ComputeProvider {
  private static final Logger log = System.getLogger(Ec2ComputeProvider.class.getName());

  /** EC2's bound of a fleet's overrides. */
  private static final int MOST_OVERRIDES = 300;

  /** Instances that are named in one call: EC2 takes no more values of a filter. */
  private static final int BATCH = 200;

  private static final List<String> ALIVE = List.of("pending", "running", "stopping", "stopped");

  private final Supplier<Optional<FleetSpec>> fleet;
  private final Ec2ClientSource clients;
  private final Ec2Records records;
  private final Catalogues catalogues;
  private final Images images;
  private final LaunchTemplates templates = new LaunchTemplates();
  private final InstantSource clock;

  /**
   * Makes no call.
   *
   * @param fleet the config in force: its environments say where machines are made
   */
  public Ec2ComputeProvider(
      Supplier<Optional<FleetSpec>> fleet,
      Ec2ClientSource clients,
      Ec2Records records,
      InstantSource clock) {
    this.fleet = fleet;
    this.clients = clients;
    this.records = records;
    this.catalogues = new Catalogues(records, clock);
    this.images = new Images(clock);
    this.clock = clock;
  }

  @Override
  public String name() {
    return Provider.EC2.word();
  }

  @Override
  public boolean stoppable() {
    return true;
  }

  @Override
  public List<String> command(RunnerSpec spec) {
    return spec.os() == Os.WINDOWS
        ? List.of("C:\\actions-runner\\run.cmd")
        : List.of("/opt/actions-runner/run.sh");
  }

  @Override
  public LaunchResult launch(LaunchRequest request, String secret) {
    try {
      Optional<FleetChoice> before = records.choice(request.launch());
      FleetChoice choice = before.orElseGet(() -> choose(request));
      Ec2Client client = client(request.region(), choice.role());
      if (before.isPresent()) {
        // The answer may have been lost: what it made bears the launch's tag.
        List<String> made = made(client, request.launch());
        if (!made.isEmpty()) {
          return new LaunchResult.Launched(made, "");
        }
      } else {
        records.chosen(request.launch(), choice, clock.instant());
      }
      return carryOut(client, request, choice, secret);
    } catch (Unsuitable e) {
      return new LaunchResult.Refused(String.valueOf(e.getMessage()));
    } catch (SdkException e) {
      throw Ec2Errors.of("launch " + request.launch(), request.region(), e);
    }
  }

  private FleetChoice choose(LaunchRequest request) {
    RunnerSpec spec = request.spec();
    EnvironmentSpec environment = environment(request.environment());
    EnvironmentSpec.Network network = network(environment, request.region());
    String role = environment.accountRole().orElse("");
    Ec2Client client = client(request.region(), role);
    TypeSelection selection = TypeSelection.of(spec, catalogues.of(request.region(), client));
    boolean spotOnly = request.spot() && spec.spot() == Spot.ONLY;
    List<String> types =
        selection.fitting().stream()
            .filter(type -> !spotOnly || type.spot())
            .map(InstanceType::name)
            .limit(Math.max(1, MOST_OVERRIDES / network.subnets().size()))
            .toList();
    if (types.isEmpty()) {
      throw new Unsuitable(
          "no instance type of %s fits runner %s: %s"
              .formatted(request.region(), spec.name(), selection.explanation()));
    }
    Images.MachineImage image = images.of(request.region(), client, spec);
    MachineTemplate machine =
        new MachineTemplate(
            image.id(),
            image.rootDevice(),
            spec.disk(),
            network.securityGroups(),
            network.instanceProfile().orElse(""),
            !spec.privateSubnet(),
            lasting(request, environment));
    return new FleetChoice(
        role,
        machine,
        types,
        network.subnets(),
        request.spot(),
        !spotOnly,
        tags(request, environment));
  }

  private EnvironmentSpec environment(String name) {
    return fleet
        .get()
        .flatMap(config -> config.environment(name))
        .orElseThrow(() -> new Unsuitable("the config has no environment " + name));
  }

  private static EnvironmentSpec.Network network(EnvironmentSpec environment, String region) {
    EnvironmentSpec.Network network = environment.regions().get(region);
    if (network == null || network.subnets().isEmpty()) {
      throw new Unsuitable(
          "environment %s names no subnets in %s: add them as environments.%s.regions.%s.subnets"
              .formatted(environment.name(), region, environment.name(), region));
    }
    return network;
  }

  private LaunchResult carryOut(
      Ec2Client client, LaunchRequest request, FleetChoice choice, String secret) {
    String place = request.region() + choice.role();
    templates.ensure(place, client, choice.machine());
    String version = templates.version(place, client, choice.machine(), request, secret);
    try {
      List<CreateFleetError> errors = new ArrayList<>();
      List<String> made = new ArrayList<>();
      if (choice.spot()) {
        ask(client, new FleetAsk(request, choice, version, request.count(), true), made, errors);
      }
      if (choice.onDemand() && made.size() < request.count()) {
        int missing = request.count() - made.size();
        ask(client, new FleetAsk(request, choice, version, missing, false), made, errors);
      }
      return answer(request, made, errors);
    } finally {
      forget(client, choice, version);
    }
  }

  private void ask(
      Ec2Client client, FleetAsk ask, List<String> made, List<CreateFleetError> errors) {
    CreateFleetResponse response = client.createFleet(ask.request());
    response.instances().forEach(group -> made.addAll(group.instanceIds()));
    errors.addAll(response.errors());
  }

  private static LaunchResult answer(
      LaunchRequest request, List<String> made, List<CreateFleetError> errors) {
    String reasons =
        errors.stream()
            .map(error -> error.errorCode() + ": " + error.errorMessage())
            .distinct()
            .limit(3)
            .collect(Collectors.joining("; "));
    if (made.size() >= request.count()) {
      return new LaunchResult.Launched(made, "");
    }
    String why = reasons.isEmpty() ? "EC2 gave no reason" : reasons;
    if (!made.isEmpty()) {
      return new LaunchResult.Launched(made, why);
    }
    boolean capacity =
        errors.isEmpty() || errors.stream().anyMatch(e -> Ec2Errors.capacity(e.errorCode()));
    return capacity ? new LaunchResult.NoCapacity(why) : new LaunchResult.Refused(why);
  }

  /** It holds the launch's secret. Should this fail, the secret is of no use after minutes. */
  private void forget(Ec2Client client, FleetChoice choice, String version) {
    try {
      templates.forget(client, choice.machine(), version);
    } catch (SdkException e) {
      log.log(
          Level.WARNING,
          "Version {0} of launch template {1} could not be removed: {2}",
          version,
          choice.machine().name(),
          e.getMessage());
    }
  }

  /** Of everything that is made: what all of an environment's machines share. */
  private Map<String, String> lasting(LaunchRequest request, EnvironmentSpec environment) {
    Map<String, String> tags = new LinkedHashMap<>(environment.tags());
    tags.put("Environment", environment.name());
    tags.put(MusterTags.APPLIANCE, records.appliance());
    tags.put(MusterTags.ENVIRONMENT, environment.name());
    tags.put(MusterTags.REGION, request.region());
    return tags;
  }

  private Map<String, String> tags(LaunchRequest request, EnvironmentSpec environment) {
    Map<String, String> tags = lasting(request, environment);
    tags.put(MusterTags.LAUNCH, request.launch());
    tags.put(MusterTags.POOL, request.pool());
    tags.put("Name", "muster " + request.pool());
    return tags;
  }

  private List<String> made(Ec2Client client, String launch) {
    return describe(client, filter("tag:" + MusterTags.LAUNCH, List.of(launch))).stream()
        .map(Instance::id)
        .toList();
  }

  @Override
  public void start(String region, Collection<String> instances) {
    each(
        "start",
        region,
        instances,
        (client, ids) -> client.startInstances(request -> request.instanceIds(ids)));
  }

  @Override
  public void stop(String region, Collection<String> instances) {
    each(
        "stop",
        region,
        instances,
        (client, ids) -> client.stopInstances(request -> request.instanceIds(ids)));
  }

  @Override
  public void terminate(String region, Collection<String> instances) {
    each(
        "terminate",
        region,
        instances,
        (client, ids) -> client.terminateInstances(request -> request.instanceIds(ids)));
  }

  private interface Batch {
    void call(Ec2Client client, List<String> ids);
  }

  /**
   * Calls for those of {@code instances} that are there and ours, in whichever account: one id that
   * is gone would make EC2 refuse the whole call.
   */
  private void each(String operation, String region, Collection<String> instances, Batch batch) {
    List<String> wanted =
        instances.stream().filter(id -> id.matches("i-[0-9a-f]{8,32}")).distinct().toList();
    for (int from = 0; from < wanted.size(); from += BATCH) {
      List<String> some = wanted.subList(from, Math.min(wanted.size(), from + BATCH));
      for (String role : roles(region)) {
        Ec2Client client = client(region, role);
        try {
          List<String> there =
              describe(client, filter("instance-id", some)).stream().map(Instance::id).toList();
          if (!there.isEmpty()) {
            batch.call(client, there);
          }
        } catch (Ec2Exception e) {
          if (!Ec2Errors.notFound(e)) {
            throw Ec2Errors.of(operation, region, e);
          }
          // One of them went meanwhile; whoever asked looks again, and asks for the rest.
        } catch (SdkException e) {
          throw Ec2Errors.of(operation, region, e);
        }
      }
    }
  }

  @Override
  public List<Instance> list(String region) {
    List<Instance> all = new ArrayList<>();
    for (String role : roles(region)) {
      try {
        all.addAll(describe(client(region, role)));
      } catch (SdkException e) {
        throw Ec2Errors.of("list machines", region, e);
      }
    }
    Set<String> seen = new HashSet<>(); // two roles may be of one account
    return all.stream().filter(instance -> seen.add(instance.id())).toList();
  }

  /**
   * Every account that the config makes machines of this region in, and those where machines of
   * earlier configs live; the appliance's own first. Without any there is nothing to see.
   */
  private Set<String> roles(String region) {
    Set<String> roles = new TreeSet<>(records.livingRoles(region));
    fleet.get().stream()
        .flatMap(config -> config.environments().values().stream())
        .filter(environment -> environment.regions().containsKey(region))
        .map(environment -> environment.accountRole().orElse(""))
        .forEach(roles::add);
    return roles;
  }

  private List<Instance> describe(Ec2Client client, Filter... further) {
    List<Filter> filters = new ArrayList<>(List.of(further));
    filters.add(filter("tag:" + MusterTags.APPLIANCE, List.of(records.appliance())));
    filters.add(filter("instance-state-name", ALIVE));
    DescribeInstancesRequest request =
        DescribeInstancesRequest.builder().filters(filters).maxResults(1000).build();
    List<Instance> instances = new ArrayList<>();
    client.describeInstancesPaginator(request).reservations().stream()
        .flatMap(reservation -> reservation.instances().stream())
        .forEach(found ->
            instances.add(
                new Instance(
                    found.instanceId(),
                    state(found.state().name()),
                    found.tags().stream()
                        .filter(tag -> tag.key().equals(MusterTags.LAUNCH))
                        .map(Tag::value)
                        .findFirst(),
                    found.launchTime())));
    return instances;
  }

  private static Instance.State state(InstanceStateName name) {
    return switch (name) {
      case PENDING -> Instance.State.PENDING;
      case STOPPING -> Instance.State.STOPPING;
      case STOPPED -> Instance.State.STOPPED;
      default -> Instance.State.RUNNING;
    };
  }

  private static Filter filter(String name, List<String> values) {
    return Filter.builder().name(name).values(values).build();
  }

  private Ec2Client client(String region, String role) {
    return clients.of(region, Optional.of(role).filter(r -> !r.isEmpty()));
  }
}
