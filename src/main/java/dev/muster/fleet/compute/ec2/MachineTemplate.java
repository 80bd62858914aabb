package dev.muster.fleet.compute.ec2;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * What a kind of machine is made of, whatever its size and launch.
 *
 * @param rootDevice the name of its first disk, as {@code /dev/sda1}
 * @param disk of that disk, in GiB
 * @param instanceProfile empty for none
 * @param publicAddress false where it must have none, whatever its subnet says
 * @param tags on its disk and on the template
 */
record MachineTemplate(
    String image,
    String rootDevice,
    int disk,
    List<String> securityGroups,
    String instanceProfile,
    boolean publicAddress,
    Map<String, String> tags) {
  MachineTemplate {
    securityGroups = List.copyOf(securityGroups);
    tags = Map.copyOf(tags);
  }

  /** Changes with anything in it, so that a changed spec has another template. */
  String name() {
    String what =
        String.join(
            "|",
            image,
            rootDevice,
            Integer.toString(disk),
            securityGroups.toString(),
            instanceProfile,
            Boolean.toString(publicAddress),
            new TreeMap<>(tags).toString());
    return "muster-" + HexFormat.of().formatHex(DigestUtils.sha256(what), 0, 10);
  }
}
