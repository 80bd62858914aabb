package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.compute.Offer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ec2.model.CreateFleetRequest;
import software.amazon.awssdk.services.ec2.model.DefaultTargetCapacityType;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateConfigRequest;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateOverridesRequest;
import software.amazon.awssdk.services.ec2.model.FleetOnDemandAllocationStrategy;
import software.amazon.awssdk.services.ec2.model.FleetType;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateAndOverridesResponse;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.SpotAllocationStrategy;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/**
 * One {@code CreateFleet}: so many machines, wherever there is room.
 *
 * @param version of the launch template
 * @param spot whether spot capacity is asked for
 */
record FleetAsk(LaunchRequest launch, FleetChoice choice, String version, int count, boolean spot) {
  /** As EC2 takes it. */
  CreateFleetRequest request() {
    return CreateFleetRequest.builder()
        .type(FleetType.INSTANT)
        .clientToken(launch.launch() + (spot ? "-spot" : "-od"))
        .targetCapacitySpecification(capacity ->
            capacity
                .totalTargetCapacity(count)
                .defaultTargetCapacityType(
                    spot ? DefaultTargetCapacityType.SPOT : DefaultTargetCapacityType.ON_DEMAND))
        .spotOptions(
            options -> options.allocationStrategy(SpotAllocationStrategy.PRICE_CAPACITY_OPTIMIZED))
        .onDemandOptions(
            options -> options.allocationStrategy(FleetOnDemandAllocationStrategy.LOWEST_PRICE))
        .launchTemplateConfigs(
            FleetLaunchTemplateConfigRequest.builder()
                .launchTemplateSpecification(template ->
                    template.launchTemplateName(choice.machine().name()).version(version))
                .overrides(overrides())
                .build())
        .tagSpecifications(tagged(ResourceType.INSTANCE), tagged(ResourceType.FLEET))
        .build();
  }

  private TagSpecification tagged(ResourceType type) {
    return TagSpecification.builder()
        .resourceType(type)
        .tags(LaunchTemplates.tags(choice.tags()))
        .build();
  }

  private List<FleetLaunchTemplateOverridesRequest> overrides() {
    return places().stream()
        .map(place ->
            FleetLaunchTemplateOverridesRequest.builder()
                .instanceType(place.type())
                .subnetId(place.subnet())
                .build())
        .toList();
  }

  /** What is asked for. */
  List<Offer> offers() {
    return places().stream().map(place -> place.offer(spot)).toList();
  }

  /** What an answer speaks of; empty where it names no one of the places. */
  Optional<Offer> offer(@Nullable LaunchTemplateAndOverridesResponse about) {
    return Optional.ofNullable(about)
        .map(LaunchTemplateAndOverridesResponse::overrides)
        .flatMap(found ->
            places().stream()
                .filter(place ->
                    place.type().equals(found.instanceTypeAsString())
                        && place.subnet().equals(found.subnetId()))
                .findFirst())
        .map(place -> place.offer(spot));
  }

  private List<Place> places() {
    return spot ? choice.spot() : choice.onDemand();
  }
}
