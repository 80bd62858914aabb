package dev.muster.fleet.compute.ec2;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ssm.SsmClient;

/** The same clients whatever the region and the role; remembers who was asked for. */
record OneAccount(Ec2Client ec2, SsmClient ssm, List<String> entered) implements Ec2ClientSource {
  OneAccount(Ec2Client ec2, SsmClient ssm) {
    this(ec2, ssm, new CopyOnWriteArrayList<>());
  }

  /** One whose parameters are none. */
  OneAccount(Ec2Client ec2) {
    this(ec2, new FakeSsm());
  }

  @Override
  public Ec2Client of(String region, Optional<String> role) {
    entered.add("ec2 " + region + role.map(" "::concat).orElse(""));
    return ec2;
  }

  @Override
  public SsmClient parameters(String region, Optional<String> role) {
    entered.add("ssm " + region + role.map(" "::concat).orElse(""));
    return ssm;
  }
}
