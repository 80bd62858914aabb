package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.spec.FleetSpec;
import dev.muster.kernel.reconcile.StalledException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import software.amazon.awssdk.services.ec2.Ec2Client;

/** The accounts that machines are made in: each is entered by a role, or is the appliance's own. */
final class Ec2Accounts {
  private final Supplier<Optional<FleetSpec>> fleet;
  private final Ec2ClientSource clients;

  Ec2Accounts(Supplier<Optional<FleetSpec>> fleet, Ec2ClientSource clients) {
    this.fleet = fleet;
    this.clients = clients;
  }

  /**
   * The client for a region of an account.
   *
   * @param role empty for the appliance's own account
   */
  Ec2Client client(String region, String role) {
    return clients.of(region, Optional.of(role).filter(r -> !r.isEmpty()));
  }

  /** Every account that the config makes machines of this region in, the appliance's own first. */
  Set<String> roles(String region) {
    Set<String> roles = new LinkedHashSet<>();
    fleet.get().stream()
        .flatMap(config -> config.environments().values().stream())
        .filter(environment -> environment.regions().containsKey(region))
        .map(environment -> environment.accountRole().orElse(""))
        .sorted()
        .forEach(roles::add);
    if (roles.isEmpty()) {
      throw new StalledException(
          "No environment of the config has the region "
              + region
              + ": its machines cannot be seen; add environments.NAME.regions."
              + region,
          null);
    }
    return roles;
  }
}
