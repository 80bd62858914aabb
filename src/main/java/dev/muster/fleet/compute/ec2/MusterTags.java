package dev.muster.fleet.compute.ec2;

/** The tags on everything that is made: enough to know from nothing whose it is. */
final class MusterTags {
  static final String APPLIANCE = "muster:appliance";
  static final String LAUNCH = "muster:launch";
  static final String POOL = "muster:pool";
  static final String ENVIRONMENT = "muster:environment";
  static final String REGION = "muster:region";

  private MusterTags() {}
}
