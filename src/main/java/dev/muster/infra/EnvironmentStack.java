package dev.muster.infra;

import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import java.util.Optional;

/**
 * What one environment has in one region, in the account that its {@code account_role} belongs to,
 * else in the appliance's own. What exists once is in the template of its home region, which is
 * made first.
 */
final class EnvironmentStack {
  private EnvironmentStack() {}

  /** Empty where the environment needs nothing of its own there. */
  static Optional<Template> of(FleetSpec fleet, EnvironmentSpec environment, String region) {
    EnvironmentPlace place = EnvironmentPlace.of(fleet, environment, region);
    Stack stack =
        new Stack(
            Optional.of(environment.name()),
            region,
            "Muster's environment %s in %s: %s"
                .formatted(
                    environment.name(),
                    region,
                    place.atHome()
                        ? "its table, roles and budget, and what it has in this region"
                        : "what it has in this region; " + place.home() + " comes first"));
    if (place.atHome()) {
      new TablePart(place, stack).add();
      new RolesPart(place, stack).add();
      new BudgetPart(place, stack).add();
    }
    new CachePart(place, stack).add();
    return stack.empty() ? Optional.empty() : Optional.of(stack.template());
  }
}
