package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.LaunchRequest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateBlockDeviceMappingRequest;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateHttpTokensState;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateInstanceMetadataOptionsRequest;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateTagSpecificationRequest;
import software.amazon.awssdk.services.ec2.model.RequestLaunchTemplateData;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.ShutdownBehavior;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;
import software.amazon.awssdk.services.ec2.model.VolumeType;

/**
 * Launch templates: one for each kind of machine. What differs between launches (the secret in the
 * user data, which a fleet cannot override) goes into a version that lives for the one call.
 */
final class LaunchTemplates {
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  /**
   * Makes the template unless it is there.
   *
   * @param place region and account, each of which has its own
   */
  void ensure(String place, Ec2Client client, MachineTemplate machine) {
    String name = machine.name();
    if (known.contains(place + name)) {
      return;
    }
    try {
      client.createLaunchTemplate(request ->
          request
              .launchTemplateName(name)
              .clientToken(name)
              .launchTemplateData(data(machine, false).build())
              .tagSpecifications(
                  TagSpecification.builder()
                      .resourceType(ResourceType.LAUNCH_TEMPLATE)
                      .tags(tags(machine.tags()))
                      .build()));
    } catch (Ec2Exception e) {
      if (!Ec2Errors.code(e).equals("InvalidLaunchTemplateName.AlreadyExistsException")) {
        throw e;
      }
    }
    known.add(place + name);
  }

  /**
   * A version for one launch and market; asked again with the same it is the same one. Only spot
   * machines have a request that can be tagged: EC2 refuses to launch others by a version that
   * does.
   */
  String version(
      String place,
      Ec2Client client,
      MachineTemplate machine,
      LaunchRequest launch,
      boolean spot,
      String secret) {
    String userData = UserData.of(launch, secret);
    try {
      return Long.toString(
          client
              .createLaunchTemplateVersion(request ->
                  request
                      .launchTemplateName(machine.name())
                      .clientToken(launch.launch() + (spot ? "-spot" : "-od"))
                      .launchTemplateData(data(machine, spot).userData(userData).build()))
              .launchTemplateVersion()
              .versionNumber());
    } catch (Ec2Exception e) {
      known.remove(place + machine.name()); // removed by hand, it is made again at the next try
      throw e;
    }
  }

  /** Removes a launch's version, which holds its secret; EC2 keeps 10,000 at most. */
  void forget(Ec2Client client, MachineTemplate machine, String version) {
    client.deleteLaunchTemplateVersions(
        request -> request.launchTemplateName(machine.name()).versions(version));
  }

  private static RequestLaunchTemplateData.Builder data(MachineTemplate machine, boolean spot) {
    RequestLaunchTemplateData.Builder data =
        RequestLaunchTemplateData.builder()
            .imageId(machine.image())
            .instanceInitiatedShutdownBehavior(ShutdownBehavior.TERMINATE)
            .metadataOptions(
                LaunchTemplateInstanceMetadataOptionsRequest.builder()
                    .httpTokens(LaunchTemplateHttpTokensState.REQUIRED)
                    .httpPutResponseHopLimit(1)
                    .build())
            .blockDeviceMappings(
                LaunchTemplateBlockDeviceMappingRequest.builder()
                    .deviceName(machine.rootDevice())
                    .ebs(ebs ->
                        ebs.volumeType(VolumeType.GP3)
                            .volumeSize(machine.disk())
                            .encrypted(true)
                            .deleteOnTermination(true))
                    .build())
            .networkInterfaces(network(machine))
            .tagSpecifications(
                made(spot).stream()
                    .map(type ->
                        LaunchTemplateTagSpecificationRequest.builder()
                            .resourceType(type)
                            .tags(tags(machine.tags()))
                            .build())
                    .toList());
    if (!machine.instanceProfile().isEmpty()) {
      data.iamInstanceProfile(profile -> profile.name(machine.instanceProfile()));
    }
    return data;
  }

  /** What comes along with a machine; the fleet tags the machine itself. */
  private static List<ResourceType> made(boolean spot) {
    return spot
        ? List.of(
            ResourceType.VOLUME,
            ResourceType.NETWORK_INTERFACE,
            ResourceType.SPOT_INSTANCES_REQUEST)
        : List.of(ResourceType.VOLUME, ResourceType.NETWORK_INTERFACE);
  }

  /** The subnet is the fleet's to name, and says whether there is a public address. */
  private static LaunchTemplateInstanceNetworkInterfaceSpecificationRequest network(
      MachineTemplate machine) {
    var network =
        LaunchTemplateInstanceNetworkInterfaceSpecificationRequest.builder().deviceIndex(0);
    if (!machine.securityGroups().isEmpty()) {
      network.groups(machine.securityGroups());
    }
    if (!machine.publicAddress()) {
      network.associatePublicIpAddress(false);
    }
    return network.build();
  }

  static List<Tag> tags(Map<String, String> tags) {
    return new TreeMap<>(tags)
        .entrySet().stream()
            .map(tag -> Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
            .toList();
  }
}
