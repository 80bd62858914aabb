package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.LaunchRequest;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.ec2.model.CreateFleetRequest;
import software.amazon.awssdk.services.ec2.model.DefaultTargetCapacityType;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateConfigRequest;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateOverridesRequest;
import software.amazon.awssdk.services.ec2.model.FleetOnDemandAllocationStrategy;
import software.amazon.awssdk.services.ec2.model.FleetType;
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
        .tagSpecifications(
            TagSpecification.builder()
                .resourceType(ResourceType.INSTANCE)
                .tags(LaunchTemplates.tags(choice.tags()))
                .build())
        .build();
  }

  private List<FleetLaunchTemplateOverridesRequest> overrides() {
    List<FleetLaunchTemplateOverridesRequest> overrides = new ArrayList<>();
    for (String type : choice.types()) {
      for (String subnet : choice.subnets()) {
        overrides.add(
            FleetLaunchTemplateOverridesRequest.builder()
                .instanceType(type)
                .subnetId(subnet)
                .build());
      }
    }
    return overrides;
  }
}
