package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.spec.FleetSpec;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ssm.SsmClient;

/** The accounts that machines are made in: each is entered by a role, or is the appliance's own. */
final class Ec2Accounts {
  private final Supplier<Optional<FleetSpec>> fleet;
  private final Ec2ClientSource clients;
  private final Ec2Records records;

  Ec2Accounts(Supplier<Optional<FleetSpec>> fleet, Ec2ClientSource clients, Ec2Records records) {
    this.fleet = fleet;
    this.clients = clients;
    this.records = records;
  }

  /**
   * The client for a region of an account.
   *
   * @param role empty for the appliance's own account
   */
  Ec2Client client(String region, String role) {
    return clients.of(region, named(role));
  }

  /** The same of SSM, for its parameters. */
  SsmClient parameters(String region, String role) {
    return clients.parameters(region, named(role));
  }

  private static Optional<String> named(String role) {
    return Optional.of(role).filter(r -> !r.isEmpty());
  }

  /**
   * Every account that the config makes machines of this region in, and those where machines of
   * earlier configs live; the appliance's own first. Without any there is nothing to see.
   */
  Set<String> roles(String region) {
    Set<String> roles = new TreeSet<>(living(region).keySet());
    fleet.get().stream()
        .flatMap(config -> config.environments().values().stream())
        .filter(environment -> environment.regions().containsKey(region))
        .map(environment -> environment.accountRole().orElse(""))
        .forEach(roles::add);
    return roles;
  }

  /** Those where machines live, each with the launches that made these. */
  Map<String, Set<String>> living(String region) {
    return records.livingLaunches(region);
  }
}
