package dev.muster.fleet.compute.ec2;

import java.util.Optional;
import software.amazon.awssdk.services.ec2.Ec2Client;

/** Where clients of EC2 come from. */
public interface Ec2ClientSource {
  /**
   * The client for a region.
   *
   * @param role the account's role to assume; empty for the appliance's own credentials
   */
  Ec2Client of(String region, Optional<String> role);
}
