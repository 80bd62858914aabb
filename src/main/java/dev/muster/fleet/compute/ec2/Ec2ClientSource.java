package dev.muster.fleet.compute.ec2;

import java.util.Optional;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ssm.SsmClient;

/** Where clients of EC2 come from, and of SSM, whose parameters may hold images' ids. */
public interface Ec2ClientSource {
  /**
   * The client for a region.
   *
   * @param role the account's role to assume; empty for the appliance's own credentials
   */
  Ec2Client of(String region, Optional<String> role);

  /**
   * The client of SSM for a region.
   *
   * @param role as above
   */
  SsmClient parameters(String region, Optional<String> role);
}
