package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.RunnerSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
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
 * Launch templates: one for each kind of machine, named by the hash of what is in it, so that a
 * changed spec has another. What differs between launches (the secret) goes into a version that
 * lives for the one call.
 */
final class LaunchTemplates {
  /** The first version of each: the kind of machine, without anything of a launch. */
  private static final String KIND = "1";

  private final Set<String> known = ConcurrentHashMap.newKeySet();

  /** What a kind of machine is made of. */
  record Kind(
      RunnerSpec spec,
      Images.MachineImage image,
      EnvironmentSpec.Network network,
      Map<String, String> tags) {
    Kind {
      tags = new TreeMap<>(tags);
    }

    /** Changes with anything that is in the template. */
    String name(String appliance) {
      String what =
          String.join(
              "|",
              appliance,
              image.toString(),
              Integer.toString(spec.disk()),
              network.securityGroups().toString(),
              network.instanceProfile().toString(),
              Boolean.toString(spec.privateSubnet()),
              tags.toString());
      try {
        byte[] digest =
            MessageDigest.getInstance("SHA-256").digest(what.getBytes(StandardCharsets.UTF_8));
        return "muster-" + HexFormat.of().formatHex(digest, 0, 10);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("Every Java has SHA-256", e);
      }
    }
  }

  /** Makes the template unless it is there; returns its name. */
  String ensure(String place, Ec2Client client, String appliance, Kind kind) {
    String name = kind.name(appliance);
    if (known.contains(place + name)) {
      return name;
    }
    try {
      client.createLaunchTemplate(request ->
          request
              .launchTemplateName(name)
              .clientToken(name)
              .versionDescription("runner " + kind.spec().name())
              .launchTemplateData(data(kind))
              .tagSpecifications(
                  TagSpecification.builder()
                      .resourceType(ResourceType.LAUNCH_TEMPLATE)
                      .tags(tags(kind.tags()))
                      .build()));
    } catch (Ec2Exception e) {
      if (!Ec2Errors.code(e).equals("InvalidLaunchTemplateName.AlreadyExistsException")) {
        throw e;
      }
    }
    known.add(place + name);
    return name;
  }

  /** A version for one launch; asked again with the same launch it is the same one. */
  String version(Ec2Client client, String template, LaunchRequest launch, String secret) {
    return Long.toString(
        client
            .createLaunchTemplateVersion(request ->
                request
                    .launchTemplateName(template)
                    .sourceVersion(KIND)
                    .clientToken(launch.launch())
                    .launchTemplateData(
                        RequestLaunchTemplateData.builder()
                            .userData(UserData.of(launch, secret))
                            .build()))
            .launchTemplateVersion()
            .versionNumber());
  }

  /** Removes a launch's version, which holds its secret; EC2 keeps 10,000 at most. */
  void forget(Ec2Client client, String template, String version) {
    client.deleteLaunchTemplateVersions(
        request -> request.launchTemplateName(template).versions(version));
  }

  /** A template that was removed by hand is made again at the next launch. */
  void lost(String place, String template) {
    known.remove(place + template);
  }

  private static RequestLaunchTemplateData data(Kind kind) {
    RequestLaunchTemplateData.Builder data =
        RequestLaunchTemplateData.builder()
            .imageId(kind.image().id())
            .instanceInitiatedShutdownBehavior(ShutdownBehavior.TERMINATE)
            .metadataOptions(
                LaunchTemplateInstanceMetadataOptionsRequest.builder()
                    .httpTokens(LaunchTemplateHttpTokensState.REQUIRED)
                    .httpPutResponseHopLimit(1)
                    .build())
            .blockDeviceMappings(
                LaunchTemplateBlockDeviceMappingRequest.builder()
                    .deviceName(kind.image().rootDevice())
                    .ebs(ebs ->
                        ebs.volumeType(VolumeType.GP3)
                            .volumeSize(kind.spec().disk())
                            .encrypted(true)
                            .deleteOnTermination(true))
                    .build())
            .networkInterfaces(network(kind))
            .tagSpecifications(
                LaunchTemplateTagSpecificationRequest.builder()
                    .resourceType(ResourceType.VOLUME)
                    .tags(tags(kind.tags()))
                    .build());
    kind.network()
        .instanceProfile()
        .ifPresent(profile -> data.iamInstanceProfile(p -> p.name(profile)));
    return data.build();
  }

  /** The subnet is named by the fleet; whether it has a public address is the subnet's matter. */
  private static LaunchTemplateInstanceNetworkInterfaceSpecificationRequest network(Kind kind) {
    var network =
        LaunchTemplateInstanceNetworkInterfaceSpecificationRequest.builder().deviceIndex(0);
    List<String> groups = kind.network().securityGroups();
    if (!groups.isEmpty()) {
      network.groups(groups);
    }
    if (kind.spec().privateSubnet()) {
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
