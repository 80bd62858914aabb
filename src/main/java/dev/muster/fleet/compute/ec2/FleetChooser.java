package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.Breakers;
import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.compute.Offer;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.fleet.spec.Spot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import software.amazon.awssdk.services.ec2.Ec2Client;

/** Chooses what a launch asks of EC2, from the config in force and what is known of the region. */
final class FleetChooser {
  /** EC2's bound of a fleet's overrides. */
  private static final int MOST_OVERRIDES = 300;

  private final Supplier<Optional<FleetSpec>> fleet;
  private final Ec2Accounts accounts;
  private final Ec2Records records;
  private final Catalogues catalogues;
  private final Images images;
  private final Subnets subnets;
  private final Breakers breakers;

  FleetChooser(
      Supplier<Optional<FleetSpec>> fleet,
      Ec2Accounts accounts,
      Ec2Records records,
      Catalogues catalogues,
      Images images,
      Subnets subnets,
      Breakers breakers) {
    this.fleet = fleet;
    this.accounts = accounts;
    this.records = records;
    this.catalogues = catalogues;
    this.images = images;
    this.subnets = subnets;
    this.breakers = breakers;
  }

  /**
   * What {@code request} asks for.
   *
   * @throws Unsuitable when the config must change first
   * @throws NoRoom when there is no room now
   */
  FleetChoice choose(LaunchRequest request) {
    RunnerSpec spec = request.spec();
    EnvironmentSpec environment = environment(request.environment());
    EnvironmentSpec.Network network = network(environment, request.region());
    String role = environment.accountRole().orElse("");
    Ec2Client client = accounts.client(request.region(), role);
    TypeSelection selection = TypeSelection.of(spec, catalogues.of(request.region(), client));
    if (selection.fitting().isEmpty()) {
      throw new Unsuitable(
          "no instance type of %s fits runner %s: %s"
              .formatted(request.region(), spec.name(), selection.explanation()));
    }
    List<Subnets.Subnet> where = subnets.of(request.region() + role, client, network.subnets());
    boolean spotOnly = request.spot() && spec.spot() == Spot.ONLY;
    Predicate<Offer> shut = breakers.shut(request.region());
    List<Place> spot =
        request.spot() ? open(places(selection, where, true), true, shut) : List.of();
    List<Place> onDemand =
        spotOnly ? List.of() : open(places(selection, where, false), false, shut);
    if (spot.isEmpty() && onDemand.isEmpty()) {
      // With every door shut the launch knocks all the same: a job waits behind it.
      spot = request.spot() ? places(selection, where, true) : List.of();
      onDemand = spotOnly ? List.of() : places(selection, where, false);
    }
    if (spot.isEmpty() && onDemand.isEmpty()) {
      throw new Unsuitable(
          "no instance type that fits runner %s is sold as spot in %s"
              .formatted(spec.name(), request.region()));
    }
    Images.MachineImage image = images.of(request.region(), role, spec);
    MachineTemplate machine =
        new MachineTemplate(
            image.id(),
            image.rootDevice(),
            spec.disk(),
            network.securityGroups(),
            network.instanceProfile().orElse(""),
            !spec.privateSubnet(),
            lasting(request, environment));
    return new FleetChoice(role, machine, spot, onDemand, tags(request, environment));
  }

  /** In order of preference, as many as EC2 takes. */
  private static List<Place> places(
      TypeSelection selection, List<Subnets.Subnet> subnets, boolean spot) {
    List<Place> places = new ArrayList<>();
    int types = Math.max(1, MOST_OVERRIDES / subnets.size());
    selection.fitting().stream()
        .filter(type -> !spot || type.spot())
        .limit(types)
        .forEach(
            type -> subnets.forEach(s -> places.add(new Place(type.name(), s.id(), s.zone()))));
    return places;
  }

  private static List<Place> open(List<Place> places, boolean spot, Predicate<Offer> shut) {
    return places.stream().filter(place -> !shut.test(place.offer(spot))).toList();
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
}
