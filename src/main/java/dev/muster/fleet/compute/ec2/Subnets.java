package dev.muster.fleet.compute.ec2;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;

/** Finds the zones of subnets, and leaves out those that have no address to give. */
final class Subnets {
  private static final Logger log = System.getLogger(Subnets.class.getName());

  /** Addresses come and go with machines. */
  private static final Duration FRESH = Duration.ofMinutes(1);

  private record Key(String place, List<String> ids) {}

  private record Seen(List<Subnet> subnets, Instant at) {}

  /**
   * A subnet.
   *
   * @param zone the subnet's own id where EC2 did not say
   */
  record Subnet(String id, String zone) {}

  private final InstantSource clock;
  private final Map<Key, Seen> seen = new ConcurrentHashMap<>();

  Subnets(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Those of {@code ids} that have a free address, in their order.
   *
   * @param place region and account
   * @throws NoRoom when none has
   * @throws Unsuitable when one of them does not exist
   */
  List<Subnet> of(String place, Ec2Client client, List<String> ids) {
    Key key = new Key(place, ids);
    Seen last = seen.get(key);
    Instant now = clock.instant();
    if (last == null || !last.at().plus(FRESH).isAfter(now)) {
      last = new Seen(ask(place, client, ids), now);
      seen.put(key, last);
    }
    if (last.subnets().isEmpty()) {
      throw new NoRoom(
          "%s has no free addresses in %s: give it larger subnets, or more of them"
              .formatted(
                  ids.size() == 1 ? "the subnet" : "each subnet of", String.join(", ", ids)));
    }
    return last.subnets();
  }

  private static List<Subnet> ask(String place, Ec2Client client, List<String> ids) {
    try {
      Map<String, software.amazon.awssdk.services.ec2.model.Subnet> found =
          client.describeSubnets(request -> request.subnetIds(ids)).subnets().stream()
              .collect(Collectors.toMap(s -> s.subnetId(), s -> s, (a, b) -> a));
      return ids.stream()
          .filter(found::containsKey)
          .map(found::get)
          .filter(s -> s.availableIpAddressCount() == null || s.availableIpAddressCount() > 0)
          .map(s -> new Subnet(s.subnetId(), s.availabilityZone()))
          .toList();
    } catch (Ec2Exception e) {
      if (Ec2Errors.notFound(e)) {
        throw new Unsuitable(
            "a subnet of the environment does not exist: " + e.awsErrorDetails().errorMessage());
      }
      if (!Ec2Errors.denied(e)) {
        throw e;
      }
      log.log(
          Level.WARNING,
          "EC2 does not say which zones the subnets of {0} are in, so each counts as one: allow"
              + " ec2:DescribeSubnets",
          place);
      return ids.stream().map(id -> new Subnet(id, id)).toList();
    }
  }
}
